"""Careful reading of JSON whose parts may be missing or of another type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def dig(value: Any, *path: str) -> Any:
    """The value at a path of keys, or None."""
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def text(value: Any, *path: str) -> str:
    """The text at a path, or an empty string."""
    found = dig(value, *path)
    return found if isinstance(found, str) else ""


def mapping(value: Any, *path: str) -> Mapping[str, Any]:
    """The mapping at a path, or an empty one."""
    found = dig(value, *path)
    return found if isinstance(found, Mapping) else {}


def mappings(value: Any, *path: str) -> list[Mapping[str, Any]]:
    """The mappings of the list at a path."""
    found = dig(value, *path)
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def name(value: Any) -> str:
    """`metadata.name`."""
    return text(value, "metadata", "name")


def namespace(value: Any) -> str:
    """`metadata.namespace`."""
    return text(value, "metadata", "namespace")
