"""The door to sigstore, given what no well-meaning signer makes."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from grader import attest
from grader.errors import EnvironmentFault
from labs.registry.trust import Trust


@pytest.mark.parametrize(
    "hostile",
    [b"", b"{", b"null", b"[]", b"{}", b'{"mediaType": 5}', b"\xff", b'{"mediaType": "x", "dsseEnvelope": {}}'],
)
def test_what_is_no_bundle_is_refused(trusted: Trust, hostile: bytes) -> None:
    found = attest.verify_bundle(hostile, trusted.trusted_root, "https://a.invalid")
    assert found.reason
    assert "\n" not in found.reason


@pytest.mark.parametrize("root", [b"", b"{}", b'{"mediaType": "application/json"}'])
def test_a_trusted_root_that_is_none_is_the_machines_fault(root: bytes) -> None:
    with pytest.raises(EnvironmentFault, match="trusted root"):
        attest.verify_bundle(b"{}", root, "https://a.invalid")


def test_the_public_goods_root_comes_along() -> None:
    root = attest.public_good_root()
    assert "https://rekor.sigstore.dev" in {log["baseUrl"] for log in root["tlogs"]}
    assert json.dumps(root)


def test_a_release_without_that_root_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attest, "PUBLIC_GOOD", "https://nowhere.invalid")
    with pytest.raises(EnvironmentFault, match="public good"):
        attest.public_good_root()


def test_sigstore_is_loaded_when_needed_alone() -> None:
    code = "import sys, grader.attest, labs.registry.trust; sys.exit('sigstore.models' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
