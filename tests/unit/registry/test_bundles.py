"""Bundles as sigstore-python judges them, against the lab's trusted root."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode

import pytest

from grader import attest
from grader.attest import Verification
from labs.registry import bundle, oci, samples, sbom
from labs.registry.authority import Authority
from labs.registry.build import Built
from labs.registry.trust import Trust

REFUSALS = {
    "other-repository": "SANs do not match",
    "other-workflow": "SANs do not match",
    "other-branch": "SANs do not match",
    "pull-request": "SANs do not match",
    "look-alike": "SANs do not match",
    "other-issuer": "OIDCIssuer does not match",
    "other-authority": "certificate chain",
    "other-digest": "about another image",
    "forged-log": "invalid log entry",
    "no-log": "exactly one log entry",
    "expired": "not valid at validation time",
}
GOOD = ["signed", "signed-2", "unrelated-signed"]


def _bundle(one: Built, predicate: str = bundle.SIGNATURE) -> bytes:
    (found,) = (
        artifact
        for artifact in one.attached
        if artifact.annotations.get("dev.sigstore.bundle.predicateType") == predicate
    )
    (layer,) = json.loads(found.data)["layers"]
    assert layer["mediaType"] == bundle.MEDIA_TYPE
    return next(blob.data for blob in found.blobs if blob.digest == layer["digest"])


def _verify(trusted: Trust, data: bytes, digest: str | None = None) -> Verification:
    official = samples.OFFICIAL
    return attest.verify_bundle(data, trusted.trusted_root, official.subject, official.issuer, digest=digest)


@pytest.mark.parametrize("predicate", [bundle.SIGNATURE, sbom.PREDICATE])
@pytest.mark.parametrize("name", GOOD)
def test_a_good_one_holds(built: dict[str, Built], trusted: Trust, name: str, predicate: str) -> None:
    one = built[name]
    found = _verify(trusted, _bundle(one, predicate), one.image.digest)
    assert found.reason is None
    assert json.loads(found.payload)["predicateType"] == predicate


@pytest.mark.parametrize("name", REFUSALS)
def test_a_flawed_one_is_refused_for_its_flaw(built: dict[str, Built], trusted: Trust, name: str) -> None:
    one = built[name]
    assert REFUSALS[name] in (_verify(trusted, _bundle(one), one.image.digest).reason or "")


@pytest.mark.parametrize("name", [*REFUSALS, "unsigned", "unrelated"])
def test_no_bundle_of_a_flawed_sample_passes_for_its_signature(
    built: dict[str, Built], trusted: Trust, name: str
) -> None:
    """Some verifiers take any bundle with a fitting subject for a signature."""
    one = built[name]
    bundles = [blob for artifact in one.attached for blob in artifact.blobs if blob.media_type == bundle.MEDIA_TYPE]
    assert bundles
    assert not [blob for blob in bundles if _verify(trusted, blob.data, one.image.digest).holds]


def test_the_log_tells_the_time(authority: Authority, built: dict[str, Built], trusted: Trust) -> None:
    found = _verify(trusted, _bundle(built["signed"]))
    assert found.logged is not None
    assert (authority.created - found.logged).total_seconds() == 3600


def test_another_labs_trust_does_not_reach_here(built: dict[str, Built]) -> None:
    public = json.dumps(attest.public_good_root())
    found = attest.verify_bundle(_bundle(built["signed"]), public, samples.OFFICIAL.subject)
    assert "certificate chain" in (found.reason or "")


def test_a_changed_statement_is_refused(built: dict[str, Built], trusted: Trust) -> None:
    content = json.loads(_bundle(built["signed"]))
    payload = b64decode(content["dsseEnvelope"]["payload"]).replace(b"provider", b"diverpro")
    content["dsseEnvelope"]["payload"] = b64encode(payload).decode()
    assert not _verify(trusted, json.dumps(content).encode()).holds


def test_a_changed_proof_is_refused(built: dict[str, Built], trusted: Trust) -> None:
    content = json.loads(_bundle(built["signed"]))
    proof = content["verificationMaterial"]["tlogEntries"][0]["inclusionProof"]
    proof["rootHash"] = b64encode(b"\x00" * 32).decode()
    assert "inclusion proof" in (_verify(trusted, json.dumps(content).encode()).reason or "")


def test_the_index_lists_what_refers_to_the_image(built: dict[str, Built]) -> None:
    for one in built.values():
        (index,) = (artifact for artifact in one.attached if artifact.media_type == oci.INDEX)
        assert index.tags == (one.image.digest.replace(":", "-"),)
        referring = {artifact.digest: artifact for artifact in one.attached if artifact.artifact_type}
        assert {listed["digest"] for listed in json.loads(index.data)["manifests"]} == set(referring)
        for artifact in referring.values():
            content = json.loads(artifact.data)
            assert content["subject"]["digest"] == one.image.digest
            assert content["artifactType"] == bundle.MEDIA_TYPE
