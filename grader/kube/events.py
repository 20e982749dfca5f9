"""Watches: the changes of one collection as the API server tells them.

Format: https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
(one JSON object a line, `type` and `object`; `BOOKMARK` tells a version only, `ERROR` a Status).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from grader.kube.answers import METADATA_ONLY, checked, parsed
from grader.kube.errors import Refusal, Unreachable
from grader.kube.transport import Transport

MAX_LINE = 8 << 20
"""Bytes of one event; etcd itself holds no object above 1.5 MiB."""

_SILENCE = 95.0
"""Seconds without a word after which the connection counts as lost: a server bookmarks about once a minute."""
_SECONDS = 540
_MAX_ERROR = 1 << 20
_ONE = METADATA_ONLY.replace("PartialObjectMetadataList", "PartialObjectMetadata")


@dataclass(frozen=True, slots=True)
class Event:
    """`type` is ADDED, MODIFIED, DELETED or BOOKMARK; `size` the bytes that told it."""

    type: str
    object: Any
    size: int = 0

    @property
    def version(self) -> str:
        """The resourceVersion to go on from after this event."""
        metadata = self.object.get("metadata") if isinstance(self.object, dict) else None
        found = metadata.get("resourceVersion") if isinstance(metadata, dict) else None
        return found if isinstance(found, str) else ""


@dataclass(frozen=True, slots=True)
class Stream:
    """The events of one watch, as they come. `cut` ends it from another thread: it raises Unreachable."""

    events: Iterator[Event]
    cut: Callable[[], None] = lambda: None

    def __iter__(self) -> Iterator[Event]:
        return self.events


@contextmanager
def watch(
    transport: Transport, path: str, version: str, *, fields: str = "", metadata_only: bool = False
) -> Iterator[Stream]:
    """The events after `version` until the server ends the watch, which it does after about ten minutes.

    Raises Refusal where the server does not accept the watch or ends it by an error (410 where
    `version` is too old), Unreachable where the connection is lost or silent.
    """
    parameters = {
        "watch": "true",
        "allowWatchBookmarks": "true",
        "resourceVersion": version,
        "timeoutSeconds": str(random.randint(_SECONDS, _SECONDS + 120)),  # noqa: S311 (spreads reconnections)
        **({"fieldSelector": fields} if fields else {}),
    }
    headers = [("Accept", _ONE if metadata_only else "application/json")]
    with transport.stream(f"{path}?{urlencode(parameters)}", headers, _SILENCE) as (status, parts, cut):
        if status >= 300:
            checked(status, _short(parts), path)
        yield Stream((_event(line, path) for line in _lines(parts, path) if line.strip()), cut)


def _lines(parts: Iterable[bytes], path: str) -> Iterator[bytes]:
    rest = bytearray()
    for part in parts:
        *whole, last = part.split(b"\n")
        for line in whole:
            yield bytes(rest + line)
            rest.clear()
        rest += last
        if len(rest) > MAX_LINE:
            raise Unreachable(f"an event of the watch is larger than {MAX_LINE >> 20} MiB", where=path)


def _event(line: bytes, path: str) -> Event:
    try:
        value = parsed(line)
    except (ValueError, RecursionError):
        raise Unreachable("an event of the watch is not JSON", where=path) from None
    told: dict[str, Any] = value if isinstance(value, dict) else {}
    if told.get("type") == "ERROR":
        status = told.get("object")
        found: dict[str, Any] = status if isinstance(status, dict) else {}
        code = found.get("code")
        words, reason = str(found.get("message") or ""), str(found.get("reason") or "")
        raise Refusal(code if isinstance(code, int) else 500, reason, words, where=path)
    return Event(str(told.get("type") or ""), told.get("object"), len(line))


def _short(parts: Iterable[bytes]) -> bytes:
    found = b""
    for part in parts:
        found += part
        if len(found) > _MAX_ERROR:
            break
    return found[:_MAX_ERROR]
