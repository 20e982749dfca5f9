"""The TUF repository, consumed by python-tuf's client, and what stands in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from tuf.api.exceptions import DownloadHTTPError, RepositoryError
from tuf.api.metadata import Metadata, Targets  # type: ignore[attr-defined]
from tuf.ngclient import Updater  # type: ignore[attr-defined]
from tuf.ngclient.fetcher import FetcherInterface

from grader import attest
from grader.errors import EnvironmentFault
from labs.registry import keys, trust
from labs.registry.authority import Authority
from labs.registry.trust import Trust

ROLES = ("root", "timestamp", "snapshot", "targets")


class _Folder(FetcherInterface):
    """Fetches from a folder, as `file://` mirrors are read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def _fetch(self, url: str) -> Iterator[bytes]:
        file = self.folder / urlsplit(url).path.lstrip("/")
        if not file.is_file():
            raise DownloadHTTPError(url, 404)
        yield file.read_bytes()


def _client(folder: Path, work: Path, root: bytes) -> Updater:
    for name in ("metadata", "fetched"):
        (work / name).mkdir(parents=True)
    return Updater(
        str(work / "metadata"),
        "https://mirror.invalid/",
        str(work / "fetched"),
        "https://mirror.invalid/targets/",
        fetcher=_Folder(folder),
        bootstrap=root,
    )


def _usages(trusted: Trust) -> dict[str, dict[str, str]]:
    """Usage and status by target, as the metadata has them."""
    targets = Metadata[Targets].from_bytes(trusted.files["1.targets.json"]).signed.targets
    customs = {name: target.unrecognized_fields.get("custom") for name, target in targets.items()}
    return {name: custom["sigstore"] for name, custom in customs.items() if custom}


def _target(trusted: Trust, name: str) -> bytes:
    (found,) = (data for path, data in trusted.files.items() if path.endswith(f".{name}") and "/" in path)
    return found


def _of(trusted: Trust, usage: str) -> dict[str, bytes]:
    return {name: _target(trusted, name) for name, custom in _usages(trusted).items() if custom["usage"] == usage}


def test_a_client_gets_every_target(trusted: Trust, tmp_path: Path) -> None:
    trusted.store(tmp_path / "tuf")
    client = _client(tmp_path / "tuf", tmp_path / "client", trusted.root)
    client.refresh()
    for name in ["trusted_root.json", *_usages(trusted)]:
        described = client.get_targetinfo(name)
        assert described is not None
        assert Path(client.download_target(described)).read_bytes() == _target(trusted, name)


def test_a_client_notices_a_changed_target(trusted: Trust, tmp_path: Path) -> None:
    trusted.store(tmp_path / "tuf")
    (changed,) = (tmp_path / "tuf" / "targets").glob("*.rekor.pub")
    changed.write_bytes(changed.read_bytes().replace(b"A", b"B", 1))
    client = _client(tmp_path / "tuf", tmp_path / "client", trusted.root)
    client.refresh()
    described = client.get_targetinfo("rekor.pub")
    assert described is not None
    with pytest.raises(RepositoryError):
        client.download_target(described)


def test_another_labs_root_does_not_lead_here(trusted: Trust, authority: Authority, tmp_path: Path) -> None:
    trusted.store(tmp_path / "tuf")
    other = trust.build(Authority(b"\x01" * 32, authority.created))
    with pytest.raises(RepositoryError):
        _client(tmp_path / "tuf", tmp_path / "client", other.root).refresh()


def test_lasts_as_long_as_the_lab(trusted: Trust, authority: Authority) -> None:
    for path in ("1.root.json", "1.targets.json", "1.snapshot.json", "timestamp.json"):
        expires = Metadata.from_bytes(trusted.files[path]).signed.expires
        assert expires - authority.created > timedelta(days=9 * 365)


def test_each_role_has_a_key_of_its_own(trusted: Trust) -> None:
    root = json.loads(trusted.root)["signed"]
    assert root["consistent_snapshot"] is True
    assert {key["keytype"] for key in root["keys"].values()} == {"ed25519"}
    assert len({tuple(root["roles"][role]["keyids"]) for role in ROLES}) == len(ROLES)


@pytest.mark.parametrize("usage", ["Fulcio", "Rekor", "CTFE"])
def test_holds_the_labs_part_beside_the_public_goods(trusted: Trust, authority: Authority, usage: str) -> None:
    own = {
        "Fulcio": authority.fulcio.pem,
        "Rekor": keys.public_pem(authority.log.key.public_key()),
        "CTFE": keys.public_pem(authority.certificate_log.public_key()),
    }
    found = _of(trusted, usage)
    assert own[usage] in found.values()
    assert len(found) > 1


def test_the_older_targets_hold_ecdsa_logs_alone(trusted: Trust) -> None:
    """cosign gives up at the first log key of another kind."""
    for data in _of(trusted, "Rekor").values():
        assert isinstance(load_pem_public_key(data), ec.EllipticCurvePublicKey)
    assert any(log["publicKey"]["keyDetails"] == "PKIX_ED25519" for log in json.loads(trusted.trusted_root)["tlogs"])


def test_certificates_are_named_by_their_kind(trusted: Trust) -> None:
    for name, data in _of(trusted, "Fulcio").items():
        certificate = x509.load_pem_x509_certificate(data)
        assert ("intermediate" in name) is (certificate.subject != certificate.issuer)


def test_a_log_that_has_ended_is_marked(trusted: Trust) -> None:
    states = {custom["uri"]: custom["status"] for custom in _usages(trusted).values()}
    assert states["https://ctfe.sigstore.dev/test"] == "Expired"
    assert states["https://ctfe.sigstore.dev/2022"] == states["https://rekor.platform-labs.invalid"] == "Active"


def test_the_trusted_root_keeps_all_of_the_public_goods(trusted: Trust) -> None:
    combined, public = json.loads(trusted.trusted_root), attest.public_good_root()
    for part in ("tlogs", "certificateAuthorities", "ctlogs", "timestampAuthorities"):
        assert all(one in combined[part] for one in public[part])
    assert combined["mediaType"] == public["mediaType"]


def test_is_stored_for_all_to_read(trusted: Trust, tmp_path: Path) -> None:
    trusted.store(tmp_path / "tuf")
    stored = {str(file.relative_to(tmp_path / "tuf")): file for file in (tmp_path / "tuf").rglob("*") if file.is_file()}
    assert {path: file.read_bytes() for path, file in stored.items()} == dict(trusted.files)
    assert all(file.stat().st_mode & 0o444 == 0o444 for file in stored.values())
    assert (tmp_path / "tuf" / "targets").stat().st_mode & 0o555 == 0o555


def test_storing_again_touches_nothing_that_is_there(trusted: Trust, tmp_path: Path) -> None:
    trusted.store(tmp_path / "tuf")
    damaged = tmp_path / "tuf" / "timestamp.json"
    damaged.write_bytes(b"half")
    before = (tmp_path / "tuf" / "1.root.json").stat()
    trusted.store(tmp_path / "tuf")
    assert damaged.read_bytes() == trusted.files["timestamp.json"]
    assert (tmp_path / "tuf" / "1.root.json").stat().st_ino == before.st_ino


def test_a_folder_that_cannot_be_written_is_the_machines_fault(trusted: Trust, tmp_path: Path) -> None:
    (tmp_path / "tuf").write_text("in the way")
    with pytest.raises(EnvironmentFault):
        trusted.store(tmp_path / "tuf")


def test_is_the_same_each_time(trusted: Trust, authority: Authority) -> None:
    assert trust.build(authority).files == trusted.files
