"""The TUF repository from which Kyverno learns whom to trust (TUF specification 1.0).

Consistent snapshots, Ed25519, one key a role, valid as long as the lab. It holds `trusted_root.json`
(for `type: SigstoreBundle`) and the same keys as single targets marked with their usage (for
`type: Cosign`: sigstore 1.10 `pkg/tuf`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from securesystemslib.signer import CryptoSigner  # type: ignore[attr-defined]
from tuf.api.metadata import (  # type: ignore[attr-defined]
    Metadata,
    MetaFile,
    Root,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)
from tuf.api.serialization.json import JSONSerializer

from grader import attest
from grader.errors import EnvironmentFault
from labs import state
from labs.registry import keys, trusted_root
from labs.registry.authority import Authority

_ROLES = ("root", "timestamp", "snapshot", "targets")


@dataclass(frozen=True)
class Trust:
    """A TUF repository: the content of each file by its path, and the trusted root inside it."""

    files: Mapping[str, bytes]
    trusted_root: bytes

    @cached_property
    def root(self) -> bytes:
        """The first `root.json`, by which a client begins."""
        return self.files["1.root.json"]

    def store(self, folder: Path) -> None:
        """Writes it out, readable by all: a Pod reads it under another user.

        `timestamp.json` comes last, so that no client finds half of it. Raises EnvironmentFault.
        """
        try:
            (folder / "targets").mkdir(parents=True, exist_ok=True)
            for path in sorted(self.files, key=lambda path: path == "timestamp.json"):
                file = folder / path
                if not file.is_file() or file.read_bytes() != self.files[path]:
                    state.write(file, self.files[path], mode=0o644)
            for readable in (folder, folder / "targets"):
                readable.chmod(0o755)
        except OSError as fault:
            raise EnvironmentFault(f"the trust cannot be kept: {fault.strerror}", where=str(folder)) from None


def build(authority: Authority, public: Mapping[str, Any] | None = None) -> Trust:
    """The trust of a lab. `public` is the public good's trusted root, by default what `sigstore` ships."""
    combined = trusted_root.combined(authority, public if public is not None else attest.public_good_root())
    document = json.dumps(combined, indent=1).encode()
    content = {"trusted_root.json": TargetFile.from_data("trusted_root.json", document, ["sha256", "sha512"])}
    files: dict[str, bytes] = {}
    _add(files, content["trusted_root.json"], document)
    for target in trusted_root.targets(combined, authority.created):
        described = TargetFile.from_data(target.name, target.data, ["sha256", "sha512"])
        status = "Expired" if target.expired else "Active"
        described.unrecognized_fields["custom"] = {
            "sigstore": {"usage": target.usage, "status": status, "uri": target.uri}
        }
        content[target.name] = described
        _add(files, described, target.data)
    return Trust(files | _metadata(authority, content), document)


def _add(files: dict[str, bytes], target: TargetFile, data: bytes) -> None:
    files[f"targets/{target.hashes['sha256']}.{target.path}"] = data


def _metadata(authority: Authority, content: dict[str, TargetFile]) -> dict[str, bytes]:
    signers = {role: CryptoSigner(keys.ed25519_key(authority.seed, f"tuf/{role}")) for role in _ROLES}
    root = Root(version=1, expires=authority.until, consistent_snapshot=True)
    for role, signer in signers.items():
        root.add_key(signer.public_key, role)
    signed = {
        "1.root.json": root,
        "1.targets.json": Targets(version=1, expires=authority.until, targets=content),
        "1.snapshot.json": Snapshot(version=1, expires=authority.until, meta={"targets.json": MetaFile(1)}),
        "timestamp.json": Timestamp(version=1, expires=authority.until, snapshot_meta=MetaFile(1)),
    }
    files = {}
    for name, content_of_role in signed.items():
        metadata: Metadata[Any] = Metadata(content_of_role)
        metadata.sign(signers[content_of_role.type])
        files[name] = metadata.to_bytes(JSONSerializer())
    return files
