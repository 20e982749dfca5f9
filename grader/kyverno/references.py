"""Image references as Kyverno compares them.

Source: Kyverno 1.19.1 pkg/utils/image/infos.go (GetImageInfo, addDefaultRegistry, String); the grammar is
github.com/distribution/reference v0.6.0. Defaults of Kyverno's chart: registry docker.io, mutation enabled.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

DEFAULT_REGISTRY = "docker.io"
_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
_DOMAIN = rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?"
_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_TAG = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
_DIGEST = r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}"
_REFERENCE = re.compile(
    rf"(?P<domain>{_DOMAIN})/(?P<path>{_PART}(?:/{_PART})*)(?::(?P<tag>{_TAG}))?(?:@(?P<digest>{_DIGEST}))?"
)


@dataclass(frozen=True, slots=True)
class Reference:
    """One image: `registry/path`, and a tag or a digest or both."""

    registry: str
    path: str
    tag: str = ""
    digest: str = ""

    @property
    def repository(self) -> str:
        """`registry/path`."""
        return f"{self.registry}/{self.path}"

    def __str__(self) -> str:
        """What patterns are compared with: the digest where there is one, else the tag."""
        return f"{self.repository}@{self.digest}" if self.digest else f"{self.repository}:{self.tag}"

    def pinned(self, digest: str) -> Reference:
        """The same image with a digest, as Kyverno's mutation writes it (makeAddDigestPatch)."""
        return replace(self, digest=digest)

    @property
    def written(self) -> str:
        """The reference as it stands in an object after mutation: tag and digest."""
        tag = f":{self.tag}" if self.tag else ""
        return f"{self.repository}{tag}@{self.digest}" if self.digest else f"{self.repository}{tag}"


@lru_cache(4096)
def parse(image: str) -> Reference | None:
    """An image as a Pod names it, registry and tag filled in; None where Kyverno cannot read it."""
    found = _REFERENCE.fullmatch(_with_registry(image))
    if not found or len(found["domain"]) + 1 + len(found["path"]) > 255:
        return None
    tag, digest = found["tag"] or "", found["digest"] or ""
    return Reference(found["domain"], found["path"], tag if tag or digest else "latest", digest)


def _with_registry(image: str) -> str:
    first, slash, _ = image.partition("/")
    if not slash or not (set(first) & {".", ":"} or first == "localhost" or first.lower() != first):
        return f"{DEFAULT_REGISTRY}/{image}"
    return image
