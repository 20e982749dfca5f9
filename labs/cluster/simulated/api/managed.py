"""Who owns which field: `metadata.managedFields`, and server-side apply by it.

Rules: sigs.k8s.io/structured-merge-diff `merge/update.go`; messages: k8s.io/apimachinery v0.35
`pkg/util/managedfields/internal/conflict.go`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from labs.cluster.simulated.api import fields
from labs.cluster.simulated.api.errors import ApiError, Cause, apply_conflict
from labs.cluster.simulated.api.fields import Fields
from labs.cluster.simulated.api.schema import Schema

Object = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Manager:
    """Who writes: `operation` is Update or Apply."""

    name: str
    operation: str
    api_version: str
    subresource: str = ""

    def entry(self, owned: Fields, time: str) -> Object:
        """The entry of `managedFields`."""
        entry = {"manager": self.name, "operation": self.operation, "apiVersion": self.api_version, "time": time,
                 "fieldsType": "FieldsV1", "fieldsV1": owned}  # fmt: skip
        return {**entry, "subresource": self.subresource} if self.subresource else entry

    def owns(self, entry: Object) -> bool:
        """Whether an entry is this manager's."""
        return (entry.get("manager"), entry.get("operation"), entry.get("subresource", "")) == (
            self.name, self.operation, self.subresource,
        )  # fmt: skip


def update(old: Object | None, new: Object, manager: Manager, schema: Schema, time: str) -> list[Object]:
    """The entries after `manager` made `new` of `old` by anything but apply."""
    now = fields.of(new, schema)
    mine = now if old is None else fields.common(now, _nested(fields.changed(_bare(old), _bare(new), schema), now))
    entries = list((old or {}).get("metadata", {}).get("managedFields") or ())
    kept, own = [], {}
    for entry in entries:
        owned = fields.common(entry["fieldsV1"], now)
        if manager.owns(entry):
            own = owned
            continue
        owned = fields.minus(owned, mine) if mine else owned
        if owned:
            kept.append(entry if owned == entry["fieldsV1"] else {**entry, "fieldsV1": owned})
    if not mine and own:
        kept.append(next({**entry, "fieldsV1": own} for entry in entries if manager.owns(entry)))
    elif mine:
        kept.append(manager.entry(fields.union(own, mine), time))
    return kept


def _bare(value: Object) -> Object:
    return {key: item for key, item in value.items() if key not in ("apiVersion", "kind")}


def _nested(changed: Fields, now: Fields) -> Fields:
    """Changed fields, with the server's own fields of metadata left out."""
    return {name: children for name, children in changed.items() if name in now}


def apply(live: Object | None, applied: Object, manager: Manager, schema: Schema, time: str, force: bool) -> Object:
    """`live` with what `manager` applies; fields it gave up are removed, `managedFields` set.

    Raises ApiError 409 where another manager owns a field that would change, unless `force`.
    """
    mine = fields.of(applied, schema)
    entries = list((live or {}).get("metadata", {}).get("managedFields") or ())
    others = [entry for entry in entries if not manager.owns(entry)]
    merged: Object = _merge(live or {}, applied, schema)
    changing = fields.changed(_bare(live), _bare(merged), schema) if live else {}
    conflicts = [(entry, common) for entry in others if (common := fields.common(entry["fieldsV1"], changing))]
    if conflicts and not force:
        raise _conflict(conflicts)
    given_up: Fields = next((entry["fieldsV1"] for entry in entries if manager.owns(entry)), {})
    given_up = fields.minus(given_up, mine)
    for entry in others:
        given_up = fields.minus(given_up, entry["fieldsV1"])
    _remove(merged, given_up, schema)
    kept = [{**entry, "fieldsV1": owned} for entry in others if (owned := fields.minus(entry["fieldsV1"], changing))]
    merged["metadata"] = {**merged["metadata"], "managedFields": [*kept, manager.entry(mine, time)]}
    return merged


def _merge(live: Any, applied: Any, schema: Schema) -> Any:
    if isinstance(applied, dict) and isinstance(live, dict) and schema.get("x-kubernetes-map-type") != "atomic":
        merged = dict(live)
        for name, item in applied.items():
            merged[name] = _merge(live.get(name), item, fields.below(schema, name))
        return merged
    if isinstance(applied, list) and isinstance(live, list) and (named := fields.items(applied, schema)):
        new = dict(named)
        old = fields.items(live, schema)
        item_schema = schema.get("items") or {}
        kept = [_merge(item, new[name], item_schema) if name in new else item for name, item in old]
        return kept + [item for name, item in named if name not in dict(old)]
    return applied


def _remove(value: Any, given_up: Fields, schema: Schema) -> None:
    """Takes fields out of `value`, whose containers are copied before they are altered."""
    for name, children in given_up.items():
        rest = {key: below for key, below in children.items() if key != "."}
        if name.startswith("f:") and isinstance(value, dict) and name[2:] in value:
            _remove_field(value, name[2:], rest, schema)


def _remove_field(value: Object, field: str, rest: Fields, schema: Schema) -> None:
    if not rest:
        del value[field]
        return
    below, found = fields.below(schema, field), value[field]
    if isinstance(found, dict):
        value[field] = dict(found)
        _remove(value[field], rest, below)
    elif isinstance(found, list):
        value[field] = [
            kept
            for kept in (_without(name, item, rest, below) for name, item in fields.items(found, below))
            if kept is not None
        ]


def _without(name: str, item: Any, rest: Fields, schema: Schema) -> Any:
    if name not in rest:
        return item
    if "." in rest[name] or not rest[name] or not isinstance(item, dict):
        return None
    copied = dict(item)
    _remove(copied, rest[name], schema.get("items") or {})
    return copied


def _conflict(conflicts: list[tuple[Object, Fields]]) -> ApiError:
    causes = [
        Cause("FieldManagerConflict", path, f"conflict with {_printed(entry)}")
        for entry, common in conflicts
        for path in fields.paths(common)
    ]
    if len(causes) == 1:
        return apply_conflict(causes, f"Apply failed with 1 conflict: {causes[0].message}: {causes[0].field}")
    lines = []
    for entry, common in sorted(conflicts, key=lambda pair: str(pair[0].get("manager"))):
        lines += [f"conflicts with {_printed(entry)}:", *(f"- {path}" for path in fields.paths(common))]
    return apply_conflict(causes, f"Apply failed with {len(causes)} conflicts: " + "\n".join(lines))


def _printed(entry: Object) -> str:
    text = json.dumps(entry.get("manager", ""))
    if entry.get("subresource"):
        text += f' with subresource "{entry["subresource"]}"'
    if entry.get("operation") == "Update":
        text += f" using {entry.get('apiVersion')} at {entry.get('time')}"
    return text
