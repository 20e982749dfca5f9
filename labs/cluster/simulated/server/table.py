"""Objects as the rows that `kubectl get` prints."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from labs.cluster.simulated.api.resource import Column, Resource
from labs.cluster.simulated.server import jsonpath
from labs.cluster.simulated.server.columns import BUILTIN
from labs.cluster.simulated.server.words import age

Object = dict[str, Any]
_GROUP = "meta.k8s.io"


def table(objects: list[Object], resource: Resource, now: datetime, *, include: str, metadata: Object) -> Object:
    """A Table. `include` is None, Object or Metadata (`includeObject` of the request)."""
    columns = BUILTIN[resource.kind][0] if resource.kind in BUILTIN and not resource.custom else resource.columns
    rows = [{"cells": _cells(one, resource, now), **_whole(one, include)} for one in objects]
    return {
        "kind": "Table", "apiVersion": f"{_GROUP}/v1", "metadata": metadata,
        "columnDefinitions": [column.json() for column in columns], "rows": rows,
    }  # fmt: skip


def _whole(value: Object, include: str) -> Object:
    if include == "None":
        return {}
    return {"object": value if include == "Object" else partial(value)}


def partial(value: Object) -> Object:
    """An object's metadata alone."""
    return {"kind": "PartialObjectMetadata", "apiVersion": f"{_GROUP}/v1", "metadata": value["metadata"]}


def _cells(value: Object, resource: Resource, now: datetime) -> list[Any]:
    if resource.kind in BUILTIN and not resource.custom:
        return BUILTIN[resource.kind][1](value, now)
    return [value["metadata"]["name"], *(_cell(value, column, now) for column in resource.columns[1:])]


def _cell(value: Object, column: Column, now: datetime) -> Any:
    """A custom column's value (apiextensions-apiserver `pkg/registry/customresource/tableconvertor`)."""
    found = jsonpath.first(value, column.path)
    if found is None:
        return None
    if column.type == "date":
        return age(found, now)
    if column.type == "string" and not isinstance(found, str):
        return json.dumps(found, separators=(",", ":")) if isinstance(found, dict | list) else str(found).lower()
    if column.type in ("integer", "number", "boolean"):
        return found if isinstance(found, int | float | bool) else None
    return found
