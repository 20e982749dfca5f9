"""Bodies in Kubernetes' protobuf, which `kubectl create` and other typed Go clients send.

Envelope: the bytes `k8s\\0`, then a message `Unknown` (k8s.io/apimachinery `pkg/runtime/generated.proto`):
1 the type, 2 the object. Answers are always JSON, which all clients accept.
"""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any

Object = dict[str, Any]

MEDIA = "application/vnd.kubernetes.protobuf"
_MAGIC = b"k8s\0"
_DEPTH = 64


def decode(body: bytes) -> Object:
    """The object of a body. ValueError where it is none, or of a kind that is not known here."""
    if not body.startswith(_MAGIC):
        raise ValueError("provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]")
    envelope = dict(_raw_fields(body[4:]))
    kinds = dict(_raw_fields(_bytes(envelope.get(1, b""))))
    api_version, kind = _bytes(kinds.get(1, b"")).decode(), _bytes(kinds.get(2, b"")).decode()
    package = api_version.rpartition("/")[0].partition(".")[0] or ("core" if "/" not in api_version else "")
    name = f"meta.{kind}" if kind == "DeleteOptions" else f"{package}.{kind}"
    if name not in _types():
        raise ValueError(f"no kind {kind!r} of version {api_version!r} is known in protobuf")
    value = _message(name, _bytes(envelope.get(2, b"")), 0)
    return {"apiVersion": api_version, "kind": kind, **value}


@cache
def _types() -> dict[str, dict[str, list[str]]]:
    text = (files(__package__).parent / "data" / "wire.json").read_bytes()  # type: ignore[attr-defined]
    loaded: dict[str, dict[str, list[str]]] = json.loads(text)
    return loaded


def _bytes(value: int | bytes) -> bytes:
    if isinstance(value, int):
        raise ValueError("proto: wrong wire type")
    return value


def _raw_fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Number and raw value of each field of a message."""
    position = 0
    while position < len(data):
        tag, position = _varint(data, position)
        wire = tag & 7
        if wire == 0:
            value, position = _varint(data, position)
            yield tag >> 3, value
            continue
        if wire not in (1, 2, 5):
            raise ValueError(f"proto: illegal wireType {wire}")
        length, position = _varint(data, position) if wire == 2 else (8 if wire == 1 else 4, position)
        if position + length > len(data):
            raise ValueError("unexpected EOF")
        yield tag >> 3, data[position : position + length]
        position += length


def _varint(data: bytes, position: int) -> tuple[int, int]:
    result = 0
    for shift in range(0, 70, 7):
        if position >= len(data):
            raise ValueError("unexpected EOF")
        byte = data[position]
        position += 1
        result |= (byte & 0x7F) << shift
        if byte < 0x80:
            return result & (2**64 - 1), position
    raise ValueError("proto: integer overflow")


def _message(name: str, data: bytes, depth: int) -> Object:
    if depth > _DEPTH:
        raise ValueError("nested too deeply")
    known, found = _types()[name], {}
    for number, raw in _raw_fields(data):
        field = known.get(str(number))
        if field is None:
            continue
        called, kind = field
        if not called:
            found.update(_message(kind.rstrip("?"), _bytes(raw), depth + 1))
            continue
        optional = kind.endswith("?")
        value = _put(found.get(called), kind.rstrip("?"), raw, depth)
        if not (optional and value in ("", 0, False, {}, [], None)) and value is not None:
            found[called] = value
    return found


def _put(old: Any, kind: str, raw: int | bytes, depth: int) -> Any:
    """The value of a field after one more occurrence of it."""
    if kind.startswith("[]"):
        return [*(old or []), _value(kind[2:], raw, depth)]
    if kind.startswith("{}"):
        entry = dict(_raw_fields(_bytes(raw)))
        key = _bytes(entry.get(1, b"")).decode()
        return {**(old or {}), key: _value(kind[2:], entry.get(2, b""), depth)}
    return _value(kind, raw, depth)


def _value(kind: str, raw: int | bytes, depth: int) -> Any:
    if kind in _SCALARS:
        return _SCALARS[kind](raw)
    if kind.startswith(("[]", "{}")):
        inner = [_put(None, kind, one, depth) for _, one in _raw_fields(_bytes(raw))]
        return inner[0] if inner else []
    return _message(kind, _bytes(raw), depth + 1)


def _integer(raw: int | bytes) -> int:
    if not isinstance(raw, int):
        raise ValueError("proto: wrong wire type")
    return raw - 2**64 if raw >= 2**63 else raw


def _time(raw: int | bytes) -> str | None:
    parts = dict(_raw_fields(_bytes(raw)))
    if 1 not in parts:
        return None
    return datetime.fromtimestamp(_integer(parts[1]), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _int_or_string(raw: int | bytes) -> int | str:
    parts = dict(_raw_fields(_bytes(raw)))
    return _bytes(parts.get(3, b"")).decode() if parts.get(1) == 1 else _integer(parts.get(2, 0))


def _embedded(raw: int | bytes) -> Any:
    inner = _bytes(dict(_raw_fields(_bytes(raw))).get(1, b""))
    return json.loads(inner) if inner else None


def _double(raw: int | bytes) -> float:
    number: float = struct.unpack("<d", _bytes(raw))[0]
    return number


_SCALARS: dict[str, Callable[[int | bytes], Any]] = {
    "s": lambda raw: _bytes(raw).decode(),
    "b": lambda raw: base64.b64encode(_bytes(raw)).decode(),
    "B": lambda raw: bool(_integer(raw)),
    "i": _integer,
    "d": _double,
    "time": _time,
    "microtime": _time,
    "duration": lambda raw: f"{_integer(dict(_raw_fields(_bytes(raw))).get(1, 0)) / 1e9:g}s",
    "quantity": lambda raw: _bytes(dict(_raw_fields(_bytes(raw))).get(1, b"")).decode(),
    "intstr": _int_or_string,
    "raw": _embedded,
}
