"""Schemas as data: read, their references resolved; values pruned and given defaults by them.

Pruning and defaulting follow k8s.io/apiextensions-apiserver v0.35 `pkg/apiserver/schema/{pruning,defaulting}`.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

Schema = dict[str, Any]

PRESERVE = "x-kubernetes-preserve-unknown-fields"
EMBEDDED = "x-kubernetes-embedded-resource"
INT_OR_STRING = "x-kubernetes-int-or-string"
NAME = "x-name"  # ours: the definition that a built-in schema came from
_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
_SCHEMA = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps"
PREFIX = "#/components/schemas/"  # of a reference in an OpenAPI document


def raw_definitions() -> dict[str, Schema]:
    """The built-in kinds' schemas by their OpenAPI names, references as they stand."""
    text = (files(__package__).parent / "data" / "builtin.json").read_bytes()  # type: ignore[attr-defined]
    loaded: dict[str, Schema] = json.loads(text)
    return loaded


def references(node: Any) -> list[str]:
    """The OpenAPI names that a schema refers to, at any depth, in their order."""
    if isinstance(node, list):
        return [name for item in node for name in references(item)]
    if not isinstance(node, dict):
        return []
    own = [node["$ref"][len(PREFIX) :]] if isinstance(node.get("$ref"), str) else []
    return own + [name for value in node.values() for name in references(value)]


@cache
def definitions() -> dict[str, Schema]:
    """The built-in kinds' schemas by their OpenAPI names, references resolved (they may be cyclic)."""
    loaded = raw_definitions()
    for name, schema in loaded.items():
        schema[NAME] = name
        if schema.get("type", "object") == "object" and not schema.keys() & {"properties", "additionalProperties"}:
            schema[PRESERVE] = True
    for schema in loaded.values():
        _resolve(schema, loaded, PREFIX)
    loaded[_SCHEMA]["x-kubernetes-map-type"] = "atomic"  # ours: no one owns a part of a definition's schema
    return loaded


def object_meta() -> Schema:
    """The schema of `metadata`, the same for every kind."""
    return definitions()[_META]


@cache
def shipped(name: str) -> Schema:
    """A CustomResourceDefinition that comes with the program, references resolved; not to be changed."""
    text = (files(__package__).parent / "data" / "crds" / f"{name}.json").read_bytes()  # type: ignore[attr-defined]
    loaded = json.loads(text)
    for schema in loaded["definitions"].values():
        _resolve(schema, loaded["definitions"], "")
    _resolve(loaded["resource"], loaded["definitions"], "")
    resource: Schema = loaded["resource"]
    return resource


def _resolve(node: Any, known: dict[str, Schema], prefix: str) -> None:
    """Puts the schema itself wherever a reference to it stands below `node`."""
    pairs = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in list(pairs):
        reference = value.get("$ref") if isinstance(value, dict) else None
        if not isinstance(reference, str):
            _resolve(value, known, prefix)
            continue
        beside = {k: v for k, v in value.items() if k != "$ref"}
        target = known[reference[len(prefix) :]]
        node[key] = {**target, **beside} if beside else target


def for_object(schema: Schema) -> Schema:
    """A custom kind's schema with the root fields that every object has."""
    root = {"apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": object_meta()}
    return {**schema, "properties": {**schema.get("properties", {}), **root}}


def prune(value: Any, schema: Schema, unknown: list[str], path: str = "") -> Any:
    """A copy of `value` without the fields that `schema` does not know; their paths go into `unknown`."""
    if isinstance(value, list):
        items = schema.get("items")
        if items is None:
            return copied(value)
        return [prune(item, items, unknown, f"{path}[{index}]") for index, item in enumerate(value)]
    if isinstance(value, dict):
        return _prune_fields(value, schema, unknown, path)
    return value


def _prune_fields(value: dict[str, Any], schema: Schema, unknown: list[str], path: str) -> dict[str, Any]:
    properties = schema.get("properties", {})
    additional = schema.get("additionalProperties")
    open_ended = bool(schema.get(PRESERVE)) or additional is True or not schema
    kept: dict[str, Any] = {}
    for key, item in value.items():
        below = f"{path}.{key}" if path else key
        if key in properties:
            kept[key] = prune(item, properties[key], unknown, below)
        elif isinstance(additional, dict):
            kept[key] = prune(item, additional, unknown, below)
        elif schema.get(EMBEDDED) and key in ("apiVersion", "kind", "metadata"):
            kept[key] = prune(item, object_meta() if key == "metadata" else {}, unknown, below)
        elif open_ended or schema.get("type") not in (None, "object"):
            kept[key] = copied(item)
        else:
            unknown.append(below)
    return kept


def drop_nulls(value: Any, schema: Schema) -> None:
    """Takes out fields that are null where null is not allowed and no default stands for it, as `prunenulls.go` does.

    A null in a list stays, and so does one that the schema says nothing about.
    """
    if isinstance(value, list):
        for item in value:
            drop_nulls(item, schema.get("items") or {})
    if not isinstance(value, dict):
        return
    for name, item in list(value.items()):
        below = _below(schema, name)
        if item is None and below is not None and not below.get("nullable") and "default" not in below:
            del value[name]
        elif below:
            drop_nulls(item, below)


def _below(schema: Schema, name: str) -> Schema | None:
    """The schema of a field; None where there is none."""
    additional = schema.get("additionalProperties")
    found: Schema | None = schema.get("properties", {}).get(name)
    return additional if found is None and isinstance(additional, dict) else found


def fill(value: Any, schema: Schema) -> None:
    """Puts the schema's defaults where `value` has nothing (or null where null is not allowed)."""
    if isinstance(value, list):
        for item in value:
            fill(item, schema.get("items") or {})
    if not isinstance(value, dict):
        return
    for name, below in schema.get("properties", {}).items():
        if "default" in below and (name not in value or (value[name] is None and not below.get("nullable"))):
            value[name] = copied(below["default"])
    for name, item in value.items():
        fill(item, _below(schema, name) or {})


def copied(value: Any) -> Any:
    """A copy of a JSON value (several times as fast as `copy.deepcopy`, which looks for cycles)."""
    if isinstance(value, dict):
        return {key: copied(item) for key, item in value.items()}
    return [copied(item) for item in value] if isinstance(value, list) else value


def without_nulls(value: Any) -> Any:
    """`value` without fields that are null: Go's decoder leaves a built-in kind's field unset."""
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value
