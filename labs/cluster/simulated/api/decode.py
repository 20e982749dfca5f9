"""A request's body as an object of a kind: unknown and duplicate fields told or refused, defaults filled.

Source of the texts: k8s.io/apiserver v0.35 `pkg/endpoints/handlers/{rest,create,patch}.go`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from labs.cluster.simulated.api import defaults, schema
from labs.cluster.simulated.api.ask import Ask
from labs.cluster.simulated.api.errors import ApiError, bad_request, invalid, invalid_value
from labs.cluster.simulated.api.resource import Resource
from labs.cluster.simulated.api.schema import INT_OR_STRING, NAME, PRESERVE, Schema
from labs.cluster.simulated.api.validation import type_name

Object = dict[str, Any]
_GO_TYPES = {"string": "string", "boolean": "bool", "integer": "int32", "number": "float64"}


def parse(text: bytes) -> tuple[Any, list[str]]:
    """JSON with the paths of the keys that occur twice (the last one counts). ValueError where it is none."""
    twice: list[tuple[Object, str]] = []

    def pairs(found: list[tuple[str, Any]]) -> Object:
        value = dict(found)
        if len(value) != len(found):
            names = [name for name, _ in found]
            twice.extend((value, name) for name in value if names.count(name) > 1)
        return value

    value = json.loads(text, object_pairs_hook=pairs, parse_constant=_no_constant)
    return value, [path for inside, name in twice for path in _places(value, inside, name)]


def _no_constant(text: str) -> Any:
    raise ValueError(f"invalid character {text[0]!r} looking for beginning of value")


def _places(value: Any, inside: Object, name: str, path: str = "") -> list[str]:
    if value is inside:
        return [f"{path}.{name}".lstrip(".")]
    if isinstance(value, dict):
        return [found for key, item in value.items() for found in _places(item, inside, name, f"{path}.{key}")]
    if isinstance(value, list):
        return [found for i, item in enumerate(value) for found in _places(item, inside, name, f"{path}[{i}]")]
    return []


def decode(body: Any, resource: Resource, ask: Ask, duplicates: Sequence[str] = (), patch: bool = False) -> Object:
    """An object of `resource` from a body, pruned and with defaults.

    Raises ApiError 400 (or 422 for what a patch made) for wrong types in a built-in kind, and for
    unknown or duplicate fields where `ask.validation` is Strict.
    """
    if not isinstance(body, dict):
        raise bad_request(f"the object provided is unrecognized (must be of type {resource.kind})")
    _same_kind(body, resource)
    value = body if resource.custom else schema.without_nulls(body)
    if not resource.custom:
        _go_types(value, resource)
    _dictionaries(value, resource)
    unknown: list[str] = []
    pruned: Object = schema.prune(value, resource.schema, unknown)
    _report(
        [f'duplicate field "{p}"' for p in duplicates] + [f'unknown field "{p}"' for p in unknown],
        body,
        resource,
        ask,
        patch,
    )
    complete(pruned, resource)
    return pruned


def complete(value: Object, resource: Resource) -> None:
    """Writes a kind's defaults into an object, in place, and takes out nulls that it has no use for."""
    value["apiVersion"], value["kind"] = resource.api_version, resource.kind
    value["metadata"] = dict(value.get("metadata") or {})
    if resource.custom:
        schema.drop_nulls(value, resource.schema)
        schema.fill(value, resource.schema)
    else:
        defaults.apply(value, resource.kind)


def _same_kind(body: Object, resource: Resource) -> None:
    if (
        body.get("kind", resource.kind) != resource.kind
        or body.get("apiVersion", resource.api_version) != resource.api_version
    ):
        given, expected = body.get("apiVersion"), resource.api_version
        if body.get("kind") == resource.kind:
            raise bad_request(
                f"the API version in the data ({given}) does not match the expected API version ({expected})"
            )
        version = str(given).rpartition("/")[2]
        raise bad_request(
            f'{body.get("kind")} in version "{version}" cannot be handled as a {resource.kind}: '
            f'no kind "{body.get("kind")}" '
            f'is registered for version "{given}" in scheme "k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:30"'
        )


def _dictionaries(value: Object, resource: Resource) -> None:
    for name in ("metadata", "spec", "status"):
        if name in value and not isinstance(value[name], dict) and (name == "metadata" or not resource.custom):
            raise _unreadable(
                resource, f"json: cannot unmarshal {type_name(value[name])} into Go struct field {resource.kind}.{name}"
            )


def _report(problems: list[str], body: Object, resource: Resource, ask: Ask, patch: bool) -> None:
    if not problems or ask.validation == "Ignore":
        return
    if ask.validation != "Strict":
        ask.warnings.extend(problems)
        return
    text = "strict decoding error: " + ", ".join(problems)
    if patch:
        shown = json.dumps(body, separators=(",", ":"))
        raise invalid("", "", "", [invalid_value("patch", shown, text)])
    raise _unreadable(resource, text)


def _unreadable(resource: Resource, why: str) -> ApiError:
    return bad_request(f'{resource.kind} in version "{resource.version}" cannot be handled as a {resource.kind}: {why}')


def _go_types(value: Object, resource: Resource) -> None:
    wrong = _wrong_type(value, resource.schema, resource.kind, "")
    if wrong:
        raise _unreadable(resource, f"json: cannot unmarshal {wrong}")


def _wrong_type(value: Any, known: Schema, struct: str, path: str) -> str:
    """Go's words for the first value of a wrong type, or nothing."""
    wanted = known.get("type")
    found = type_name(value)
    if known.get(INT_OR_STRING) or known.get("format") == "int-or-string" or PRESERVE in known or not wanted:
        return ""
    if known.get(NAME, "").endswith("resource.Quantity"):
        return (
            ""
            if found in ("string", "integer", "number")
            else f"{go_found(found)} into Go value of type resource.Quantity"
        )
    if found != wanted and not (found == "integer" and wanted == "number"):
        return f"{go_found(found)} into Go struct field {struct}.{path} of type {_go_type(known)}"
    if isinstance(value, list):
        return next((w for item in value if (w := _wrong_type(item, known.get("items") or {}, struct, path))), "")
    if isinstance(value, dict):
        return next((w for key, item in value.items() if (w := _wrong_field(key, item, known, struct, path))), "")
    return ""


def _wrong_field(key: str, item: Any, known: Schema, struct: str, path: str) -> str:
    below = known.get("properties", {}).get(key)
    here = f"{path}.{key}" if path else key
    if below is not None:
        return _wrong_type(item, below, known.get(NAME, struct).rpartition(".")[2], here)
    additional = known.get("additionalProperties")
    return _wrong_type(item, additional, struct, path) if isinstance(additional, dict) else ""


def go_found(found: str) -> str:
    """Go's name of a JSON type."""
    return {"integer": "number", "boolean": "bool"}.get(found, found)


def _go_type(known: Schema) -> str:
    wanted = known["type"]
    if wanted == "array":
        return "[]" + _go_type(known.get("items") or {"type": "object"})
    if NAME in known:
        return re.sub(r".*\.([a-z0-9]+)\.([A-Za-z]+)$", r"\1.\2", known[NAME])
    if wanted == "object":
        additional = known.get("additionalProperties")
        return (
            f"map[string]{_go_type(additional)}"
            if isinstance(additional, dict) and additional.get("type")
            else "map[string]interface {}"
        )
    return "int64" if known.get("format") == "int64" else _GO_TYPES[wanted]
