"""Bodies and media types: what a client sends, what it wants back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from grader.errors import ManifestError
from grader.manifest import load
from labs.cluster.simulated.api.decode import parse
from labs.cluster.simulated.api.errors import ApiError, bad_request, unsupported_media_type
from labs.cluster.simulated.server import protobuf
from labs.cluster.simulated.server.json_words import json_fault

Object = dict[str, Any]

JSON = "application/json"
YAML = ("application/yaml", "application/apply-patch+yaml")
PATCHES = (
    "application/json-patch+json",
    "application/merge-patch+json",
    "application/strategic-merge-patch+json",
    "application/apply-patch+yaml",
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the Accept header asks for: `kind` is empty for the object itself, else Table,
    PartialObjectMetadata, PartialObjectMetadataList or a discovery kind, in `version`."""

    kind: str = ""
    version: str = ""


def wanted(accept: str, known: tuple[str, ...]) -> Wanted:
    """The first form of `accept` that is JSON and of a kind in `known` (or plain). ApiError 406 where none is."""
    for part in (accept or JSON).split(","):
        media, *parameters = (piece.strip() for piece in part.split(";"))
        options = dict(piece.split("=", 1) for piece in parameters if "=" in piece)
        if media not in (JSON, "*/*", "application/*"):
            continue
        if options.get("as", "") in ("", *known):
            return Wanted(options.get("as", ""), options.get("v", ""))
    raise ApiError(406, "NotAcceptable", f"only the following media types are accepted: {JSON}", {})


def decoded(body: bytes, content_type: str) -> tuple[Any, list[str]]:
    """A body's JSON value and the paths of its duplicate keys. Raises ApiError 400 or 415."""
    media = content_type.partition(";")[0].strip() or JSON
    if media in YAML:
        return _yaml(body), []
    if media == protobuf.MEDIA:
        return _protobuf(body), []
    if media != JSON and media not in PATCHES:
        raise unsupported_media_type((JSON, "application/yaml", protobuf.MEDIA))
    try:
        return parse(body)
    except (ValueError, RecursionError) as error:
        doing = "error decoding patch" if media in PATCHES else "couldn't get version/kind; json parse error"
        raise bad_request(f"{doing}: {json_fault(error)}") from None


def _protobuf(body: bytes) -> Any:
    try:
        return protobuf.decode(body)
    except (ValueError, RecursionError) as error:
        raise bad_request(str(error)) from None


def _yaml(body: bytes) -> Any:
    """A YAML document; what is JSON is read as such, which is many times faster."""
    if body[:1] == b"{":
        with suppress(ValueError, RecursionError):
            value, duplicates = parse(body)
            if not duplicates:
                return value
    try:
        documents = load(body, "body")
    except ManifestError as error:
        raise bad_request(f"error decoding YAML: {error}") from None
    if len(documents) != 1:
        raise bad_request(f"error decoding YAML: expected one document, found {len(documents)}")
    return documents[0].value


def answer(
    value: Object, status: int = 200, content_type: str = JSON, headers: Mapping[str, str] | None = None
) -> web.Response:
    """A JSON response."""
    return web.Response(body=dumps(value), status=status, content_type=content_type, headers=headers)


def dumps(value: Any) -> bytes:
    """JSON with the newline that the API server ends it with."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def warn(response: web.StreamResponse, warnings: list[str]) -> None:
    """Adds Warning headers (RFC 9111; agent `-`, code 299), each text once."""
    for text in dict.fromkeys(warnings):
        quoted = text.replace("\\", "\\\\").replace('"', '\\"')
        safe = "".join(c if c >= " " else " " for c in quoted)
        response.headers.add("Warning", f'299 - "{safe}"')
