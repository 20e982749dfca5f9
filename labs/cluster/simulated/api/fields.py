"""Sets of fields, as `managedFields` writes them (`fieldsV1` of the meta API).

A set is a tree: `f:NAME` a field, `k:{…}` an item of a keyed list, `v:…` an item of a set, `.` the
thing itself. Lists without keys and maps that the schema calls atomic are one leaf. Source:
sigs.k8s.io/structured-merge-diff, `fieldpath/serialize.go`.
"""

from __future__ import annotations

import json
from typing import Any

from labs.cluster.simulated.api.schema import Schema

Fields = dict[str, Any]
_SKIP = ("apiVersion", "kind")
_META = ("name", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp", "managedFields", "selfLink",
         "deletionTimestamp", "deletionGracePeriodSeconds")  # fmt: skip


def of(value: dict[str, Any], schema: Schema) -> Fields:
    """The fields that an object sets, without those that name it or that the server owns."""
    trimmed = {key: item for key, item in value.items() if key not in _SKIP}
    metadata = {key: item for key, item in (value.get("metadata") or {}).items() if key not in _META}
    trimmed["metadata"] = metadata
    found = _children(trimmed, schema)
    if not metadata:
        found.pop("f:metadata", None)
    return found


def _children(value: Any, schema: Schema) -> Fields:
    if isinstance(value, dict) and schema.get("x-kubernetes-map-type") != "atomic":
        return {f"f:{key}": _children(item, below(schema, key)) for key, item in value.items()}
    if isinstance(value, list):
        return {name: {".": {}, **_children(item, schema.get("items") or {})} if name[0] == "k" else {}
                for name, item in items(value, schema)}  # fmt: skip
    return {}


def below(schema: Schema, name: str) -> Schema:
    """The schema of a field."""
    found = schema.get("properties", {}).get(name) or schema.get("additionalProperties")
    return found if isinstance(found, dict) else {}


def items(value: list[Any], schema: Schema) -> list[tuple[str, Any]]:
    """The items of a keyed list or of a set with their names; nothing for an atomic list."""
    kind, keys = schema.get("x-kubernetes-list-type"), schema.get("x-kubernetes-list-map-keys") or ()
    if kind == "set":
        return [(f"v:{json.dumps(item, separators=(',', ':'))}", item) for item in value]
    if kind != "map" or not all(isinstance(item, dict) for item in value):
        return []
    return [(_key(item, keys, schema), item) for item in value]


def _key(item: dict[str, Any], keys: Any, schema: Schema) -> str:
    defaults = {"protocol": "TCP"}  # the one key of the built-in kinds that has a default
    named = {key: item.get(key, defaults.get(key)) for key in sorted(keys)}
    return f"k:{json.dumps({k: v for k, v in named.items() if v is not None}, separators=(',', ':'))}"


def union(left: Fields, right: Fields) -> Fields:
    """All fields of both."""
    result = dict(left)
    for name, children in right.items():
        result[name] = union(result.get(name, {}), children)
    return result


def minus(left: Fields, right: Fields) -> Fields:
    """The fields of `left` whose leaves `right` does not have."""
    result = {}
    for name, children in left.items():
        if name not in right:
            result[name] = children
            continue
        rest = minus(children, right[name])
        if rest and set(rest) != {"."}:
            result[name] = rest
    return result


def common(left: Fields, right: Fields) -> Fields:
    """The leaves that both have."""
    result = {}
    for name, children in left.items():
        if name not in right:
            continue
        if not children or not right[name]:
            result[name] = children
        elif both := common(children, right[name]):
            result[name] = both
    return result


def changed(old: Any, new: Any, schema: Schema) -> Fields:
    """The fields that `new` has and that are other in `old`, or not there."""
    if isinstance(old, dict) and isinstance(new, dict) and schema.get("x-kubernetes-map-type") != "atomic":
        result = {}
        for name, item in new.items():
            if name not in old:
                result[f"f:{name}"] = _children(item, below(schema, name))
            elif item != old[name]:
                result[f"f:{name}"] = changed(old[name], item, below(schema, name))
        return result
    if isinstance(old, list) and isinstance(new, list) and (named := items(new, schema)):
        before = dict(items(old, schema))
        return {
            name: changed(before[name], item, schema.get("items") or {}) if name in before
            else {".": {}, **_children(item, schema.get("items") or {})}
            for name, item in named
            if before.get(name) != item
        }  # fmt: skip
    return {}


def paths(tree: Fields, prefix: str = "") -> list[str]:
    """The leaves as dotted paths, for messages: `.spec.containers[name="a"].image`."""
    found: list[str] = []
    for name, children in tree.items():
        here = prefix + _step(name)
        rest = paths({k: v for k, v in children.items() if k != "."}, here)
        found += rest or [here]
    return found


def _step(name: str) -> str:
    if name.startswith("f:"):
        return f".{name[2:]}"
    if name.startswith("k:"):
        keys = json.loads(name[2:])
        return "[" + ",".join(f"{key}={json.dumps(value)}" for key, value in keys.items()) + "]"
    return f"[={name[2:]}]"
