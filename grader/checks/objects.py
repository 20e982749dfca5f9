"""Careful reading of cluster objects: any part of them may be missing or of another type."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from grader.evidence.dig import dig, mapping, name, namespace, text

__all__ = ["condition", "dig", "image_parts", "items", "mapping", "name", "namespace", "number", "text"]

_DIGEST = re.compile(r"@sha256:[0-9a-f]*\Z")


def number(value: Any, *path: str, default: int = 0) -> int:
    """The whole number at a path, or `default`."""
    found = dig(value, *path)
    return found if isinstance(found, int) and not isinstance(found, bool) else default


def items(value: Any, *path: str) -> list[Any]:
    """The list at a path, or an empty one."""
    found = dig(value, *path)
    return found if isinstance(found, list) else []


def condition(value: Any, kind: str) -> Mapping[str, Any]:
    """The condition of that type in `status.conditions`, or an empty mapping."""
    return next((c for c in items(value, "status", "conditions") if text(c, "type") == kind), {})


def image_parts(image: str) -> tuple[str, str]:
    """The repository and the tag of an image reference; the tag is empty where it has none."""
    bare = _DIGEST.sub("", image)
    repository, colon, tag = bare.rpartition(":")
    return (repository, tag) if colon and "/" not in tag else (bare, "")
