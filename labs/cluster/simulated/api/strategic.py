"""Strategic merge patch: lists merged by the key that the kind's schema names.

Follows k8s.io/apimachinery v0.35 `pkg/util/strategicpatch/patch.go`: the directives `$patch`
(merge, replace, delete), `$retainKeys`, `$deleteFromPrimitiveList/…` and `$setElementOrder/…`.
"""

from __future__ import annotations

from typing import Any

from labs.cluster.simulated.api.errors import bad_request
from labs.cluster.simulated.api.schema import Schema, copied

_PATCH, _RETAIN = "$patch", "$retainKeys"
_DELETE, _ORDER = "$deleteFromPrimitiveList/", "$setElementOrder/"


def merge(original: Any, patch: dict[str, Any], schema: Schema) -> Any:
    """`original` with a strategic merge patch. Raises ApiError 400 for a patch that cannot be followed."""
    directive = patch.get(_PATCH)
    if directive == "delete":
        return {}
    if directive == "replace":
        return _plain({key: value for key, value in patch.items() if key != _PATCH})
    if directive not in (None, "merge"):
        raise bad_request(f"unknown patch type found: {directive}")
    result = dict(original) if isinstance(original, dict) else {}
    if isinstance(patch.get(_RETAIN), list):
        result = {key: value for key, value in result.items() if key in patch[_RETAIN]}
    for name, value in patch.items():
        if not name.startswith("$"):
            _field(result, name, value, schema)
    _directives(result, patch, schema)
    return result


def _field(result: dict[str, Any], name: str, value: Any, schema: Schema) -> None:
    below = _below(schema, name)
    if value is None:
        result.pop(name, None)
    elif isinstance(value, dict):
        result[name] = merge(result.get(name), value, below)
        if value.get(_PATCH) == "delete":
            del result[name]
    elif isinstance(value, list) and "merge" in _strategy(below):
        result[name] = _list(result.get(name) or [], value, below)
    else:
        result[name] = _plain(value)


def _below(schema: Schema, name: str) -> Schema:
    found = schema.get("properties", {}).get(name) or schema.get("additionalProperties")
    return found if isinstance(found, dict) else {}


def _strategy(schema: Schema) -> list[str]:
    return str(schema.get("x-kubernetes-patch-strategy", "")).split(",")


def _plain(value: Any) -> Any:
    """A value taken whole: without directives and nulls."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items() if not key.startswith("$") and item is not None}
    if isinstance(value, list):
        return [_plain(item) for item in value if not (isinstance(item, dict) and _PATCH in item)]
    return copied(value)


def _list(original: list[Any], patch: list[Any], schema: Schema) -> list[Any]:
    key = schema.get("x-kubernetes-patch-merge-key")
    if not key:
        return original + [item for item in patch if item not in original]
    if any(isinstance(item, dict) and item.get(_PATCH) == "replace" for item in patch):
        return _list([], [item for item in patch if item.get(_PATCH) is None], schema)
    result = list(original)
    for item in patch:
        if not isinstance(item, dict) or key not in item:
            raise bad_request(f"map: {item} does not contain declared merge key: {key}")
        index = next((i for i, old in enumerate(result) if old.get(key) == item[key]), None)
        if item.get(_PATCH) == "delete":
            result = [old for old in result if old.get(key) != item[key]]
        elif index is None:
            result.append(merge({}, item, schema.get("items") or {}))
        else:
            result[index] = merge(result[index], item, schema.get("items") or {})
    return result


def _directives(result: dict[str, Any], patch: dict[str, Any], schema: Schema) -> None:
    for name, value in patch.items():
        if name.startswith(_DELETE) and isinstance(value, list):
            field = name.removeprefix(_DELETE)
            result[field] = [item for item in result.get(field) or [] if item not in value]
    for name, value in patch.items():
        field = name.removeprefix(_ORDER)
        if field != name and isinstance(value, list) and isinstance(result.get(field), list):
            result[field] = _ordered(result[field], value, _below(schema, field).get("x-kubernetes-patch-merge-key"))


def _ordered(items: list[Any], wanted: list[Any], key: str | None) -> list[Any]:
    """Items that the patch orders, in its order; the others keep the place after their neighbour."""

    def identity(item: Any) -> Any:
        return item.get(key) if key and isinstance(item, dict) else item

    order = [identity(item) for item in wanted]
    named = iter(sorted((i for i in items if identity(i) in order), key=lambda item: order.index(identity(item))))
    return [next(named) if identity(item) in order else item for item in items]
