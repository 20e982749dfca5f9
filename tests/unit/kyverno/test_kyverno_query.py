"""`grader oracle`: files in, answers out."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from grader.errors import InputError
from grader.kyverno import query
from tests.unit.kyverno.policies import DIGEST, GOOD, ISSUER, REKOR, SUBJECT, TAGGED, changed, line

PROBES = f"""\
- name: signed
  namespace: crossplane-system
  image: {TAGGED}
  digest: {DIGEST}
  signatures:
  - {{subject: "{SUBJECT}", issuer: "{ISSUER}", authority: lab, log: yes, digest: same}}
- name: unsigned
  kind: Deployment
  namespace: crossplane-system
  image: {TAGGED}
  where: initContainers
  as: crossplane
- name: elsewhere
  image: {TAGGED}
"""


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """A policy's file and a probes' file."""
    policy, probes = tmp_path / "policy.yaml", tmp_path / "probes.yaml"
    policy.write_text(GOOD)
    probes.write_text(PROBES)
    return policy, probes


def test_the_json(files: tuple[Path, Path]) -> None:
    policy, probes = files
    found = json.loads(query.dumps(query.run([policy], probes)))
    assert found["schema"] == "platform-labs/oracle/v1"
    assert [(one["name"], one["accepted"], one["reason"], one["pruned"]) for one in found["policies"]] == [
        ("check-provider", True, "", [])
    ]
    assert [(one["name"], one["answer"], one["policy"], one["rule"]) for one in found["probes"]] == [
        ("signed", "admitted", "", ""),
        ("unsigned", "denied", "check-provider", "autogen-signed"),
        ("elsewhere", "admitted", "", ""),
    ]
    assert found["probes"][1]["where"] == f"{policy}:{line(GOOD, '- keyless')}:11"
    assert "no signatures found" in found["probes"][1]["reason"]


@pytest.mark.parametrize(
    ("signature", "repair", "meaning"),
    [
        ("", "", "The image is not signed."),
        ("log: no", "", "The signature has no entry in the transparency log."),
        ("log: forged", "", "The signature's log entry is not the log's own."),
        ("authority: other", "", "The certificate is not from an authority that Kyverno trusts."),
        ("digest: other", "", "The signature speaks of another image."),
        ("issuer: https://example.org", "To admit this image, write the issuer exactly", ""),
    ],
)
def test_the_json_calls_a_repair_only_what_is_one(
    files: tuple[Path, Path], signature: str, repair: str, meaning: str
) -> None:
    policy, probes = files
    issuer = "" if "issuer" in signature else f'issuer: "{ISSUER}", '
    signatures = f'[{{subject: "{SUBJECT}", {issuer}{signature}}}]' if signature else "[]"
    probes.write_text(f"- {{name: a, namespace: crossplane-system, image: {TAGGED}, signatures: {signatures}}}\n")
    (found,) = query.to_json(query.run([policy], probes))["probes"]
    assert (found["answer"], bool(found["repair"]), bool(found["meaning"])) == ("denied", bool(repair), bool(meaning))
    assert repair in found["repair"]
    assert meaning in found["meaning"]
    assert f"\n    {repair}{meaning}" in query.to_text(query.run([policy], probes))


def test_the_json_names_the_deciding_line_of_what_is_admitted_too(files: tuple[Path, Path]) -> None:
    policy, probes = files
    signed, unsigned, elsewhere = query.to_json(query.run([policy], probes))["probes"]
    assert signed["reason"] == "the image is signed as these attestors ask"
    assert signed["where"] == f"{policy}:{line(GOOD, 'attestors')}:7"
    assert "does not include “default”" in elsewhere["reason"]
    assert elsewhere["where"] == f"{policy}:{line(GOOD, 'namespaces')}:11"
    assert unsigned["where"]


def test_the_json_tells_warnings_and_what_is_not_modelled(files: tuple[Path, Path]) -> None:
    policy, probes = files
    stranger = "apiVersion: policies.kyverno.io/v1\nkind: ImageValidatingPolicy\nmetadata: {name: a}\n"
    policy.write_text(f"{changed(('kinds: [Pod]', 'kinds: [Pods]'))}---\n{stranger}")
    answers = query.run([policy], probes)
    found = query.to_json(answers)
    (warning,) = [one["warning"] for one in found["policies"]]
    assert "Pods" in warning["reason"]
    assert warning["where"] == f"{policy}:{line(GOOD, 'kinds')}:19"
    assert found["unmodelled"] == [
        {"kind": "ImageValidatingPolicy", "name": "a", "where": f"{policy}:{line(policy.read_text(), stranger[:20])}:1"}
    ]
    assert all(one["reason"] == "ImageValidatingPolicy is not modelled" for one in found["probes"])


def test_the_text(files: tuple[Path, Path]) -> None:
    policy, probes = files
    found = query.to_text(query.run([policy], probes))
    assert f"{policy}:1:1: ClusterPolicy check-provider: accepted" in found
    assert "unsigned   denied" in found
    assert f"{policy}:{line(GOOD, 'namespaces')}:11: namespaces" in found


def test_the_text_of_a_refusal_has_reason_line_and_repair(files: tuple[Path, Path]) -> None:
    policy, probes = files
    policy.write_text(changed((REKOR, ""), ("  rules:", "  colour: red\n  rules:")))
    found = query.to_text(query.run([policy], probes))
    for words in (
        "refused",
        "Either Rekor URL or roots are required",
        "Add `rekor",
        "left out; kubectl apply refuses it",
    ):
        assert words in found


def test_the_text_of_a_policy_without_a_name_says_so(files: tuple[Path, Path]) -> None:
    policy, probes = files
    policy.write_text(changed(("check-provider", "")))
    assert f"{policy}:1:1: ClusterPolicy without a name: refused" in query.to_text(query.run([policy], probes))


def test_policies_of_several_files_are_asked_together(files: tuple[Path, Path], tmp_path: Path) -> None:
    policy, probes = files
    second = tmp_path / "second.yaml"
    second.write_text(changed(("check-provider", "second"), ("crossplane-system", "default")))
    answers = query.run([policy, second], probes)
    assert [prediction.answer.value for _, prediction in answers.probes] == ["admitted", "denied", "denied"]
    assert answers.complete


def test_a_policy_that_is_not_modelled_makes_an_admission_doubtful(files: tuple[Path, Path]) -> None:
    policy, probes = files
    policy.write_text(
        GOOD + "---\napiVersion: policies.kyverno.io/v1\nkind: ImageValidatingPolicy\nmetadata: {name: a}\n"
    )
    answers = query.run([policy], probes)
    assert [prediction.answer.value for _, prediction in answers.probes] == ["cannot-tell", "denied", "cannot-tell"]
    assert not answers.complete
    assert "ImageValidatingPolicy is not modelled" in query.to_text(answers)


@pytest.mark.parametrize(
    ("text", "message"), [("a: [", "not YAML"), ("kind: ConfigMap\n", "no ClusterPolicy"), ("", "no ClusterPolicy")]
)
def test_policies_that_cannot_be_read(files: tuple[Path, Path], text: str, message: str) -> None:
    policy, probes = files
    policy.write_text(text)
    with pytest.raises(InputError) as caught:
        query.run([policy], probes)
    assert message in caught.value.message


def test_a_missing_file_is_named(files: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        query.run([tmp_path / "none.yaml"], files[1])
    assert "cannot be read" in caught.value.message
    assert str(caught.value.where).endswith("none.yaml")


def test_a_file_is_read_to_a_bound_only(files: tuple[Path, Path]) -> None:
    policy, probes = files
    policy.write_bytes(b"#" * (2 << 20))
    with pytest.raises(InputError) as caught:
        query.run([policy], probes)
    assert "larger than" in caught.value.message


def test_a_pipe_is_waited_for_in_neither_place(files: tuple[Path, Path], tmp_path: Path) -> None:
    policy, probes = files
    os.mkfifo(tmp_path / "pipe")
    for paths in ((tmp_path / "pipe", probes), (policy, tmp_path / "pipe")):
        with pytest.raises(InputError, match="pipe: is not a file"):
            query.run([paths[0]], paths[1])


def test_no_escape_of_a_policy_reaches_the_text(files: tuple[Path, Path]) -> None:
    policy, probes = files
    policy.write_text(changed(("namespaces: [crossplane-system]", 'namespaces: ["\\e[31m\\u202e"]')))
    found = query.to_text(query.run([policy], probes))
    assert "\x1b" not in found
    assert "\u202e" not in found
