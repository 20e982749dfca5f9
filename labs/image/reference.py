"""Image references as a registry understands them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from grader.errors import InputError
from grader.text import quoted

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}\Z")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}\Z")
_REPOSITORY = re.compile(r"[a-z0-9]+(?:(?:\.|_{1,2}|-+|/)[a-z0-9]+)*\Z")
_REGISTRY = re.compile(r"[A-Za-z0-9.-]+(?::[0-9]{1,5})?\Z")


@dataclass(frozen=True, slots=True)
class Reference:
    """A registry's host, a repository, and a tag or a digest (the digest wins)."""

    registry: str
    repository: str
    tag: str = "latest"
    digest: str | None = None

    @property
    def at(self) -> str:
        """What a manifest is asked for by."""
        return self.digest or self.tag

    def with_digest(self, digest: str) -> Reference:
        """The same image, pinned."""
        return replace(self, digest=digest)

    def __str__(self) -> str:
        return f"{self.registry}/{self.repository}" + (f"@{self.digest}" if self.digest else f":{self.tag}")


def parse(text: str) -> Reference:
    """Reads a reference; Docker Hub's short names are filled in (distribution/reference, normalize.go).

    Raises InputError for what is no reference.
    """
    rest, _, digest = text.partition("@")
    name, tag = rest, "latest"
    if ":" in rest.rsplit("/", 1)[-1]:
        name, tag = rest.rsplit(":", 1)
    first, slash, path = name.partition("/")
    if not slash or not ("." in first or ":" in first or first == "localhost"):
        first, path = "docker.io", name if slash else f"library/{name}"
    fits = _REGISTRY.match(first) and _REPOSITORY.match(path) and _TAG.match(tag) and len(text) < 512
    if not fits or (digest and not _DIGEST.match(digest)):
        raise InputError(
            f"{quoted(text)} is no image reference",
            advice="Write it as REGISTRY/REPOSITORY:TAG, for example cgr.dev/chainguard/crossplane:latest.",
        )
    return Reference(first, path, tag, digest or None)
