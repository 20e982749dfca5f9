"""Careful reading of cluster objects: any part of them may be missing or of another type."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_DIGEST = re.compile(r"@sha256:[0-9a-f]*\Z")


def dig(value: Any, *path: str | int) -> Any:
    """The value at a path of keys and indices, or None."""
    for step in path:
        if isinstance(value, Mapping) and isinstance(step, str):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def text(value: Any, *path: str | int) -> str:
    """The text at a path, or an empty string."""
    found = dig(value, *path)
    return found if isinstance(found, str) else ""


def number(value: Any, *path: str | int, default: int = 0) -> int:
    """The whole number at a path, or `default`."""
    found = dig(value, *path)
    return found if isinstance(found, int) and not isinstance(found, bool) else default


def mapping(value: Any, *path: str | int) -> Mapping[str, Any]:
    """The mapping at a path, or an empty one."""
    found = dig(value, *path)
    return found if isinstance(found, Mapping) else {}


def items(value: Any, *path: str | int) -> list[Any]:
    """The list at a path, or an empty one."""
    found = dig(value, *path)
    return found if isinstance(found, list) else []


def name(value: Any) -> str:
    """`metadata.name`."""
    return text(value, "metadata", "name")


def namespace(value: Any) -> str:
    """`metadata.namespace`."""
    return text(value, "metadata", "namespace")


def condition(value: Any, kind: str) -> Mapping[str, Any]:
    """The condition of that type in `status.conditions`, or an empty mapping."""
    return next((c for c in items(value, "status", "conditions") if text(c, "type") == kind), {})


def image_parts(image: str) -> tuple[str, str]:
    """The repository and the tag of an image reference; the tag is empty where it has none."""
    bare = _DIGEST.sub("", image)
    repository, colon, tag = bare.rpartition(":")
    return (repository, tag) if colon and "/" not in tag else (bare, "")
