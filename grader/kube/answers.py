"""What an API server's answer means, as raw JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from grader.kube.errors import Refusal, Unreachable

METADATA_ONLY = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json"
"""Asks for a list without anything but metadata."""


def items(page: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The objects of a list, each with the kind and apiVersion that lists leave out."""
    kind, version = str(page.get("kind", "")), page.get("apiVersion")
    items = page.get("items")
    given = {"apiVersion": version, "kind": kind.removesuffix("List")}
    return [{**given, **item} for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def checked(status: int, body: bytes, path: str) -> Any:
    """The answer's JSON. Raises Refusal for a failure, Unreachable for what is no JSON."""
    try:
        value = parsed(body)
    except (ValueError, RecursionError):
        if status < 300:
            raise Unreachable("the API server's answer is not JSON", where=path) from None
        value = None
    if status < 300:
        return value
    told: dict[str, Any] = value if isinstance(value, dict) else {}
    words = told.get("message") or body[:500].decode("utf-8", "replace")
    raise Refusal(status, str(told.get("reason") or ""), str(words), where=path)


def parsed(body: bytes) -> Any:
    """JSON as the API server writes it: no NaN, and no half of a surrogate pair, which no text file could hold."""
    value = json.loads(body, parse_constant=_no_number)
    if b"\\ud" in body.lower():
        return json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
    return value


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is not JSON")
