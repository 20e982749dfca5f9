"""A custom object judged by its schema, in the API server's words.

Texts follow k8s.io/kube-openapi `pkg/validation` and apiextensions-apiserver v0.35
`pkg/apiserver/validation`. Rules written in CEL (`x-kubernetes-validations`) are not evaluated.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import re2

from labs.cluster.simulated.api.errors import Cause, invalid_value, not_supported, required
from labs.cluster.simulated.api.schema import INT_OR_STRING, Schema

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
}


def validate(value: Any, schema: Schema, path: str = "") -> Iterator[Cause]:
    """All faults of `value`, which stands at `path`."""
    if value is None and schema.get("nullable"):
        return
    wrong = _type_fault(value, schema, path)
    if wrong:
        yield wrong
        return
    if "enum" in schema and value not in schema["enum"]:
        yield not_supported(path, value, schema["enum"])
    if isinstance(value, str):
        yield from _string(value, schema, path)
    elif isinstance(value, dict):
        yield from _fields(value, schema, path)
    elif isinstance(value, list):
        yield from _items(value, schema, path)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _number(value, schema, path)
    yield from _combinations(value, schema, path)


def type_name(value: Any) -> str:
    """The JSON type of a value, as the messages call it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    return next(name for name, types in _TYPES.items() if isinstance(value, types))


def _type_fault(value: Any, schema: Schema, path: str) -> Cause | None:
    if schema.get(INT_OR_STRING):
        wanted, fits = "int or string", isinstance(value, int | str) and not isinstance(value, bool)
    else:
        wanted = schema.get("type", "")
        fits = not wanted or _is(value, wanted)
    if fits:
        return None
    found = type_name(value)
    cause = invalid_value(path, found, f'{path} in body must be of type {wanted}: "{found}"')
    return Cause("FieldValueTypeInvalid", cause.field, cause.message)


def _is(value: Any, wanted: str) -> bool:
    if isinstance(value, bool):
        return wanted == "boolean"
    if wanted == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES.get(wanted, (object,)))


@cache
def _compiled(pattern: str) -> Any:
    return re2.compile(pattern)


def _string(value: str, schema: Schema, path: str) -> Iterator[Cause]:
    least, most = schema.get("minLength"), schema.get("maxLength")
    if least is not None and len(value) < least:
        yield invalid_value(path, value, f"{path} in body should be at least {least} chars long")
    if most is not None and len(value) > most:
        yield Cause("FieldValueTooLong", path, f"Too long: may not be more than {most} bytes")
    pattern = schema.get("pattern")
    if pattern is not None and not _compiled(pattern).search(value):
        yield invalid_value(path, value, f"{path} in body should match '{pattern}'")


def _number(value: float, schema: Schema, path: str) -> Iterator[Cause]:
    least, most = schema.get("minimum"), schema.get("maximum")
    if least is not None and (value < least or (schema.get("exclusiveMinimum") and value == least)):
        word = "greater than" if schema.get("exclusiveMinimum") else "greater than or equal to"
        yield invalid_value(path, value, f"{path} in body should be {word} {least}")
    if most is not None and (value > most or (schema.get("exclusiveMaximum") and value == most)):
        word = "less than" if schema.get("exclusiveMaximum") else "less than or equal to"
        yield invalid_value(path, value, f"{path} in body should be {word} {most}")


def _fields(value: dict[str, Any], schema: Schema, path: str) -> Iterator[Cause]:
    for name in schema.get("required", ()):
        if name not in value:
            yield required(_below(path, name))
    least, most = schema.get("minProperties"), schema.get("maxProperties")
    if least is not None and len(value) < least:
        yield invalid_value(path, value, f"{path} in body should have at least {least} properties")
    if most is not None and len(value) > most:
        yield Cause("FieldValueTooMany", path, f"Too many: {len(value)}: must have at most {most} items")
    properties, additional = schema.get("properties", {}), schema.get("additionalProperties")
    for name, item in value.items():
        below = properties.get(name) or (additional if isinstance(additional, dict) else None)
        if below is not None:
            yield from validate(item, below, _below(path, name))


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _items(value: list[Any], schema: Schema, path: str) -> Iterator[Cause]:
    least, most = schema.get("minItems"), schema.get("maxItems")
    if least is not None and len(value) < least:
        yield invalid_value(path, len(value), f"{path} in body should have at least {least} items")
    if most is not None and len(value) > most:
        yield Cause("FieldValueTooMany", path, f"Too many: {len(value)}: must have at most {most} items")
    yield from _duplicates(value, schema, path)
    items = schema.get("items")
    if items:
        for index, item in enumerate(value):
            yield from validate(item, items, f"{path}[{index}]")


def _duplicates(value: list[Any], schema: Schema, path: str) -> Iterator[Cause]:
    kind = schema.get("x-kubernetes-list-type")
    if kind not in ("map", "set"):
        return
    keys = schema.get("x-kubernetes-list-map-keys", ())
    seen: set[str] = set()
    for index, item in enumerate(value):
        identity = {k: item.get(k) for k in keys if k in item} if kind == "map" and isinstance(item, dict) else item
        text = json.dumps(identity, sort_keys=True, separators=(",", ":"))
        if text in seen:
            yield Cause("FieldValueDuplicate", f"{path}[{index}]", f"Duplicate value: {text}")
        seen.add(text)


def _combinations(value: Any, schema: Schema, path: str) -> Iterator[Cause]:
    for part in schema.get("allOf", ()):
        yield from validate(value, part, path)
    for word, text in (
        ("anyOf", "must validate at least one schema (anyOf)"),
        ("oneOf", "must validate one and only one schema (oneOf)"),
    ):
        parts = schema.get(word, ())
        good = sum(not any(validate(value, part, path)) for part in parts)
        if parts and (good == 0 or (word == "oneOf" and good > 1)):
            yield invalid_value("<nil>", "", f'"{path}" {text}')
    if "not" in schema and not any(validate(value, schema["not"], path)):
        yield invalid_value("<nil>", "", f'"{path}" must not validate the schema (not)')
