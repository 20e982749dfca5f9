"""Branches and tags of a repository that is not trusted."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from functools import cached_property

from dulwich.refs import Ref, check_ref_format, read_packed_refs_with_peeled

from grader.errors import InputError
from grader.evidence.folder import Folder

_SHA = re.compile(rb"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")
_LINKS = 5  # symbolic references followed, as refs/files-backend.c does
_FILE = 4096
_PACKED = 16 << 20
_LISTED = 1000


class Refs:
    """References, read from files in the Git folder; neither links nor other folders are followed."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        if folder.is_folder("reftable"):
            raise InputError(
                "the repository keeps its branches as a reftable, which is not read here",
                advice="Convert it: git refs migrate --ref-format=files",
            )

    @property
    def branch(self) -> str | None:
        """The branch that HEAD names, also where it has no commit yet; None where it is detached."""
        target = _target(self._folder.read("HEAD", _FILE) or b"")
        prefix = "refs/heads/"
        return target.removeprefix(prefix) if target and target.startswith(prefix) else None

    def get(self, name: str) -> bytes | None:
        """The object that a full reference name (`HEAD`, `refs/heads/main`) stands for, or None."""
        for _ in range(_LINKS):
            if name != "HEAD" and not check_ref_format(Ref(name.encode("utf-8", "replace"))):
                return None
            content = self._folder.read(name, _FILE) or b""
            target = _target(content)
            if target is None:
                sha = content.strip()
                return sha if _SHA.match(sha) else self._packed.get(name)
            name = target
        return None

    def under(self, prefix: str) -> dict[str, bytes]:
        """References below `prefix` (which ends in `/`), by the rest of their name; at most 1000."""
        names = [*self._loose(prefix.rstrip("/"), 0), *(name for name in self._packed if name.startswith(prefix))]
        found = {name.removeprefix(prefix): self.get(name) for name in sorted(set(names))[:_LISTED]}
        return {name: sha for name, sha in found.items() if sha}

    def _loose(self, folder: str, depth: int) -> Iterator[str]:
        for name, _ in self._folder.entries(folder, _LISTED) or ():
            path = f"{folder}/{name}"
            if self._folder.is_folder(path):
                yield from self._loose(path, depth + 1) if depth < _LINKS else ()
            else:
                yield path

    @cached_property
    def _packed(self) -> dict[str, bytes]:
        content = self._folder.read("packed-refs", _PACKED) or b""
        try:
            lines = read_packed_refs_with_peeled(io.BytesIO(content))
            return {bytes(name).decode("utf-8", "replace"): bytes(sha) for sha, name, _ in lines}
        except Exception:  # dulwich raises what its parser meets
            raise InputError("the repository is damaged: packed-refs cannot be read", advice="Run: git fsck") from None


def _target(content: bytes) -> str | None:
    """The name that a symbolic reference stands for."""
    if not content.startswith(b"ref:"):
        return None
    return content[4:].split(b"\n", 1)[0].strip().decode("utf-8", "replace")
