"""Every sample of a lab is judged for what it is, by both forms of its signature."""

from __future__ import annotations

import pytest

from labs.image import as_json, attached, bill, reference, tell, trusts, verify
from labs.image.certificates import Signed
from labs.image.roots import Roots
from labs.image.verify import Verdict, Verification
from labs.registry import samples
from labs.registry.build import Built
from tests.unit.image.conftest import Shelf

WANTED = Signed(samples.OFFICIAL.subject, samples.OFFICIAL.issuer)
VERDICTS = {
    "signed": Verdict.GOOD,
    "signed-2": Verdict.GOOD,
    "unsigned": Verdict.UNSIGNED,
    "other-repository": Verdict.OTHER,
    "other-workflow": Verdict.OTHER,
    "other-branch": Verdict.OTHER,
    "pull-request": Verdict.OTHER,
    "look-alike": Verdict.OTHER,
    "other-issuer": Verdict.OTHER,
    "other-authority": Verdict.NOT_TRUSTED,
    "other-digest": Verdict.NOT_TRUSTED,
    "forged-log": Verdict.NOT_TRUSTED,
    "no-log": Verdict.NOT_TRUSTED,
    "expired": Verdict.NOT_TRUSTED,
    "unrelated-signed": Verdict.GOOD,
    "unrelated": Verdict.UNSIGNED,
}
REASONS = {
    "other-authority": ("authority that the lab does not trust", "certificate chain"),
    "other-digest": ("about another image", "about another image"),
    "forged-log": ("no trusted log promised", "invalid log entry"),
    "no-log": ("in no transparency log", "exactly one log entry"),
    "expired": ("not valid when", "not valid at validation time"),
}


def judge(shelf: Shelf, one: Built, trust: tuple[Roots, ...], wanted: Signed = WANTED) -> Verification:
    source = shelf.source()
    image = attached.resolve(source, reference.parse(f"{one.place.image}:{one.place.tag}"))
    return verify.verify(source, image, trust, wanted)


def test_every_sample_has_a_verdict_here() -> None:
    assert [sample.name for sample in samples.SAMPLES] == list(VERDICTS)


@pytest.mark.parametrize("name", VERDICTS)
def test_both_forms_are_judged_alike(
    lab_shelf: Shelf, built: dict[str, Built], both: tuple[Roots, ...], name: str
) -> None:
    found = judge(lab_shelf, built[name], both)
    assert found.verdict is VERDICTS[name]
    forms = [] if VERDICTS[name] is Verdict.UNSIGNED else [("legacy", VERDICTS[name]), ("bundle", VERDICTS[name])]
    assert [(one.form, one.verdict) for one in found.signatures] == forms
    assert [one.form for one in found.attestations] == ["legacy", "bundle"]


@pytest.mark.parametrize("name", REASONS)
def test_a_flaw_is_named(lab_shelf: Shelf, built: dict[str, Built], both: tuple[Roots, ...], name: str) -> None:
    found = judge(lab_shelf, built[name], both)
    for one, reason in zip(found.signatures, REASONS[name], strict=True):
        assert reason in one.reason
        assert one.trust == ""


def test_what_was_checked_before_the_fault_is_told(
    lab_shelf: Shelf, built: dict[str, Built], both: tuple[Roots, ...]
) -> None:
    legacy, _ = judge(lab_shelf, built["forged-log"], both).signatures
    assert legacy.checked[-1] == "signature made with the certificate's key"
    assert legacy.unchecked


def test_it_is_the_labs_trust_and_said_so(lab_shelf: Shelf, built: dict[str, Built], both: tuple[Roots, ...]) -> None:
    found = judge(lab_shelf, built["signed"], both)
    assert {one.trust for one in found.signatures} == {trusts.LAB}
    assert "good: vouched for by the lab's authority, not Chainguard" in "\n".join(tell.verification(found))
    short = list(tell.verification(found, details=False))
    assert short[0].startswith("verdict   good")
    assert [line for line in short if line.startswith(("signature, ", "attestation, "))] == ["signature, legacy: good"]
    assert short[-1].endswith("more signatures and attestations: --details tells of each.")
    assert as_json.verification(found)["signatures"][0]["trust"] == "the lab's authority, not Chainguard"


def test_public_trust_alone_does_not_hold_for_the_lab(
    lab_shelf: Shelf, built: dict[str, Built], both: tuple[Roots, ...]
) -> None:
    assert judge(lab_shelf, built["signed"], both[:1]).verdict is Verdict.NOT_TRUSTED


def test_another_identity_can_be_asked_for(lab_shelf: Shelf, built: dict[str, Built], both: tuple[Roots, ...]) -> None:
    other = samples.of("other-branch").identity
    assert other is not None
    wanted = Signed(other.subject, other.issuer)
    assert judge(lab_shelf, built["other-branch"], both, wanted).verdict is Verdict.GOOD
    assert judge(lab_shelf, built["signed"], both, wanted).verdict is Verdict.OTHER


def test_the_log_entry_is_told(lab_shelf: Shelf, built: dict[str, Built], both: tuple[Roots, ...]) -> None:
    for one in judge(lab_shelf, built["signed"], both).signatures:
        assert one.index is not None
        assert one.logged is not None
        assert one.logged.isoformat() == "2026-03-01T11:00:00+00:00"


@pytest.mark.parametrize(("name", "verdict"), [("signed", Verdict.GOOD), ("unsigned", Verdict.OTHER)])
def test_bill_says_who_vouches(
    lab_shelf: Shelf, built: dict[str, Built], both: tuple[Roots, ...], name: str, verdict: Verdict
) -> None:
    source, one = lab_shelf.source(), built[name]
    image = attached.resolve(source, reference.parse(f"{one.place.image}@{one.image.digest}"))
    found = bill.find(source, image, both, WANTED)
    assert found is not None
    assert [package.name for package in found.bill.packages][:2] == ["crossplane-package", "pause"]
    assert found.finding.verdict is verdict
    assert "verified" in tell.signed(found)


def test_a_bill_about_another_image_does_not_count(
    lab_shelf: Shelf, built: dict[str, Built], both: tuple[Roots, ...]
) -> None:
    """The attestations of one image laid beside another."""
    one, other = built["signed"], built["signed-2"]
    for suffix in (".att", ""):
        theirs = f"/v2/{other.place.repository}/manifests/{other.image.digest.replace(':', '-')}{suffix}"
        ours = f"/v2/{one.place.repository}/manifests/{one.image.digest.replace(':', '-')}{suffix}"
        lab_shelf.answers[ours] = lab_shelf.answers[theirs]
    for path, body in list(lab_shelf.answers.items()):
        if path.startswith(f"/v2/{other.place.repository}/"):
            moved = path.replace(other.place.repository, one.place.repository)
            lab_shelf.answers.setdefault(moved, body)
    source = lab_shelf.source()
    image = attached.resolve(source, reference.parse(f"{one.place.image}@{one.image.digest}"))
    found = verify.verify(source, image, both, WANTED)
    assert found.attestations
    assert {one.verdict for one in found.attestations} == {Verdict.NOT_TRUSTED}
    assert bill.find(source, image, both, WANTED) is None
