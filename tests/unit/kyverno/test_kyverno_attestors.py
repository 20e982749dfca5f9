"""Sets of attestors: counts, kinds of entries, trust, and signatures that are not sound."""

from __future__ import annotations

import base64

import pytest

from grader.kyverno import oracle
from grader.kyverno.request import Signature
from grader.kyverno.trust import Known
from tests.unit.kyverno.policies import (
    ISSUER,
    OFFICIAL,
    REKOR,
    SUBJECT,
    TAGGED,
    answers,
    ask,
    changed,
    probe,
    reviews,
    signed,
)

ENTRY = f"""\
        - keyless:
            subject: {SUBJECT}
            issuer: {ISSUER}
{REKOR}"""
OTHER_ENTRY = ENTRY.replace("release.yaml", "other.yaml")
OTHER = Signature(SUBJECT.replace("release.yaml", "other.yaml"), ISSUER)


def entries(*texts: str, count: int | None = None) -> str:
    """The right policy with these entries in one set."""
    head = "      - entries:\n" if count is None else f"      - count: {count}\n        entries:\n"
    return changed((f"      - entries:\n{ENTRY}", head + "".join(texts)))


@pytest.mark.parametrize(
    ("count", "signatures", "expected"),
    [
        (None, [OFFICIAL], "denied"),
        (None, [OFFICIAL, OTHER], "admitted"),
        (1, [OFFICIAL], "admitted"),
        (1, [OTHER], "admitted"),
        (1, [], "denied"),
        (2, [OFFICIAL], "denied"),
        (2, [OFFICIAL, OTHER], "admitted"),
    ],
)
def test_counts(count: int | None, signatures: list[Signature], expected: str) -> None:
    assert answers(entries(ENTRY, OTHER_ENTRY, count=count), probe(TAGGED, signatures)) == expected


def test_every_set_must_be_satisfied() -> None:
    text = changed((f"      - entries:\n{ENTRY}", f"      - entries:\n{ENTRY}      - entries:\n{OTHER_ENTRY}"))
    assert answers(text, probe(TAGGED, [OFFICIAL])) == "denied"
    assert answers(text, probe(TAGGED, [OFFICIAL, OTHER])) == "admitted"


def test_a_nested_set_is_a_set() -> None:
    nested = "".join(f"      {row}\n" for row in (ENTRY + OTHER_ENTRY).splitlines())
    text = entries(f"        - attestor:\n            count: 1\n            entries:\n{nested}")
    assert answers(text, probe(TAGGED, [OTHER])) == "admitted"
    found = ask(text, probe())
    assert ".attestors[0].entries[0].attestor.entries[0].keyless: no signatures found" in found.reason


@pytest.mark.parametrize(
    "entry",
    [
        "        - keys: {publicKeys: '-----BEGIN PUBLIC KEY-----'}\n",
        "        - keys: {secret: {name: a, namespace: b}}\n",
        "        - keys: {kms: 'awskms:///a'}\n",
        "        - certificates: {cert: '-----BEGIN CERTIFICATE-----'}\n",
    ],
)
def test_no_key_fits_a_signature_that_was_made_with_a_certificate(entry: str) -> None:
    assert answers(entries(entry), signed()) == "denied"
    assert answers(entries(entry), probe()) == "denied"


def test_several_keys_in_one_entry_count_as_several() -> None:
    key = "-----BEGIN PUBLIC KEY-----x-----END PUBLIC KEY-----"
    text = entries(f"        - keys: {{publicKeys: '{key}{key}'}}\n", ENTRY, count=1)
    assert answers(text, signed()) == "admitted"
    assert ask(text, probe()).reason.count("no signatures found") == 3


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"authority": "other"}, "x509: certificate signed by unknown authority"),
        ({"log": "no"}, "signature not found in transparency log"),
        ({"log": "forged"}, "error verifying bundle"),
        ({"digest": "other"}, "invalid or missing digest in claim"),
    ],
)
def test_signatures_that_are_not_sound(changes: dict[str, str], words: str) -> None:
    signature = Signature(SUBJECT, ISSUER, **changes)  # type: ignore[arg-type]
    found = ask(changed(), probe(TAGGED, [signature]))
    assert found.answer.value == "denied"
    assert words in found.reason


@pytest.mark.parametrize("log", ["no", "forged"])
def test_without_the_log_a_missing_entry_does_not_matter(log: str) -> None:
    text = changed((REKOR, REKOR + "              ignoreTlog: true\n"))
    assert answers(text, probe(TAGGED, [Signature(SUBJECT, ISSUER, log=log)])) == "admitted"
    assert answers(text, probe(TAGGED, [Signature(SUBJECT, ISSUER, authority="other", log=log)])) == "denied"


def test_without_the_log_the_certificate_must_be_valid_today() -> None:
    text = changed((REKOR, REKOR + "              ignoreTlog: true\n"))
    assert answers(text, probe(TAGGED, [Signature(SUBJECT, ISSUER, current=False)])) == "denied"
    assert answers(changed(), probe(TAGGED, [Signature(SUBJECT, ISSUER, current=False)])) == "admitted"


def test_annotations_must_stand_in_the_payload() -> None:
    text = entries(ENTRY.replace("- keyless", "- annotations: {stage: prod}\n          keyless"))
    assert answers(text, signed()) == "denied"
    assert (
        answers(text, probe(TAGGED, [Signature(SUBJECT, ISSUER, annotations={"stage": "prod", "a": "b"})]))
        == "admitted"
    )


def pem(label: str, content: bytes) -> str:
    return f"-----BEGIN {label}-----\n{base64.b64encode(content).decode()}\n-----END {label}-----\n"


ROOT = pem("CERTIFICATE", b"the root of another authority")
KEY = pem("PUBLIC KEY", b"a key of a log")


def with_roots(text: str) -> str:
    rows = "".join(f"              {row}\n" for row in text.splitlines())
    return changed((REKOR, f"{REKOR}            roots: |\n{rows}"))


def test_roots_that_are_no_certificate_deny_everything() -> None:
    found = ask(with_roots("garbage"), signed())
    assert "failed to load Root certificates" in found.reason


def test_unknown_roots_cannot_be_told_but_for_an_unsigned_image() -> None:
    assert answers(with_roots(ROOT), signed()) == "cannot-tell"
    assert answers(with_roots(ROOT), probe()) == "denied"


def test_known_roots_decide_whose_certificates_count() -> None:
    known = Known(roots={"other": ROOT})
    policies = reviews(with_roots(ROOT))
    other = probe(TAGGED, [Signature(SUBJECT, ISSUER, authority="other")])
    assert oracle.answer(policies, other, known).answer.value == "admitted"
    assert oracle.answer(policies, signed(), known).answer.value == "denied"


@pytest.mark.parametrize(
    ("where", "known"), [("rekor", Known(rekor_keys={"lab": KEY})), ("ctlog", Known(ct_keys={"lab": KEY}))]
)
def test_keys_of_logs(where: str, known: Known) -> None:
    rows = "".join(f"                {row}\n" for row in KEY.splitlines())
    addition = (
        f"              pubkey: |\n{rows}"
        if where == "rekor"
        else f"            ctlog:\n              pubkey: |\n{rows}"
    )
    text = changed((REKOR, REKOR + addition))
    assert answers(text, signed()) == "cannot-tell"
    assert oracle.answer(reviews(text), signed(), known).answer.value == "admitted"
    assert answers(text.replace("PUBLIC KEY", "KEY"), signed()) == "denied"


@pytest.mark.parametrize(
    "text",
    [
        changed(("      failureAction: Enforce\n", "      failureAction: Enforce\n      repository: cgr.dev/other\n")),
        changed(("https://rekor.sigstore.dev", "'not an address'")),
        changed((REKOR, REKOR + "            ctlog: {tsaCertChain: x}\n")),
        changed(("      attestors:", "      attestations: [{type: https://spdx.dev/Document}]\n      attestors:")),
        changed(("      attestors:", "      imageRegistryCredentials: {secrets: [a]}\n      attestors:")),
    ],
    ids=["repository", "address", "time stamps", "attestations", "secrets"],
)
def test_what_cannot_be_told(text: str) -> None:
    found = ask(text, signed())
    assert found.answer.value == "cannot-tell"
    assert found.where.startswith("policy.yaml:")


def test_attestations_do_not_matter_where_the_signature_is_wrong() -> None:
    text = changed(("      attestors:", "      attestations: [{type: https://spdx.dev/Document}]\n      attestors:"))
    assert answers(text, probe()) == "denied"


def test_a_doubt_in_one_entry_does_not_matter_where_another_decides() -> None:
    unknown = ENTRY + "            roots: |\n" + "".join(f"              {row}\n" for row in ROOT.splitlines())
    assert answers(entries(unknown, ENTRY, count=1), signed()) == "admitted"
    assert answers(entries(unknown, OTHER_ENTRY), signed()) == "denied"
    assert answers(entries(unknown, OTHER_ENTRY, count=1), signed()) == "cannot-tell"


def test_an_unknown_algorithm_denies_everything() -> None:
    text = entries(ENTRY.replace("- keyless", "- signatureAlgorithm: md5\n          keyless"))
    assert "invalid signature algorithm" in ask(text, signed()).reason


def test_an_image_that_does_not_exist_is_denied() -> None:
    assert answers(changed(), probe(exists=False)) == "denied"
