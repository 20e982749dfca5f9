"""OpenAPI v3, as far as `kubectl` asks for it: which parameters PATCH takes, and the schemas.

There are no descriptions: `kubectl explain` shows names and types.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from labs.cluster.simulated.api.catalogue import Catalogue
from labs.cluster.simulated.api.resource import Resource
from labs.cluster.simulated.api.schema import PREFIX, raw_definitions, references

Object = dict[str, Any]

_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"


def index(catalogue: Catalogue) -> Object:
    """The answer to `/openapi/v3`: one document a group and version."""
    return {
        "paths": {
            path: {"serverRelativeURL": f"/openapi/v3/{path}?hash={catalogue.generation}"} for path in _paths(catalogue)
        }
    }


def _paths(catalogue: Catalogue) -> list[str]:
    return sorted({_path(resource) for resource in catalogue.all()})


def _path(resource: Resource) -> str:
    return f"apis/{resource.api_version}" if resource.group else f"api/{resource.version}"


def document(catalogue: Catalogue, path: str) -> Object | None:
    """The document of one group and version, or None where nothing is served."""
    served = [resource for resource in catalogue.all() if _path(resource) == path]
    if not served:
        return None
    schemas: Object = {}
    for resource in served:
        _add(resource, schemas)
    return {
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes (simulated)", "version": "v1.35.4+simulated"},
        "paths": {where: entry for resource in served for where, entry in _operations(resource).items()},
        "components": {"schemas": schemas},
    }


@cache
def _raw() -> dict[str, Object]:
    return raw_definitions()


def _add(resource: Resource, schemas: Object) -> None:
    mark = [{"group": resource.group, "version": resource.version, "kind": resource.kind}]
    if resource.custom:
        properties = {**resource.schema["properties"], "metadata": {"$ref": PREFIX + _META}}
        schemas[_custom_name(resource)] = {
            **resource.schema, "properties": properties, "x-kubernetes-group-version-kind": mark,
        }  # fmt: skip
        _collect(_META, schemas)
        return
    name = resource.schema["x-name"]
    _collect(name, schemas)
    schemas[name] = {**schemas[name], "x-kubernetes-group-version-kind": mark}


def _custom_name(resource: Resource) -> str:
    return ".".join([*reversed(resource.group.split(".")), resource.version, resource.kind])


def _collect(name: str, schemas: Object) -> None:
    if name in schemas:
        return
    schemas[name] = _raw()[name]
    for reference in references(_raw()[name]):
        _collect(reference, schemas)


def _operations(resource: Resource) -> Object:
    base = f"/{_path(resource)}/" + ("namespaces/{namespace}/" if resource.namespaced else "") + resource.plural
    mark = {"group": resource.group, "version": resource.version, "kind": resource.kind}
    name = _custom_name(resource) if resource.custom else resource.schema["x-name"]
    written = [_parameter(one) for one in ("dryRun", "fieldManager", "fieldValidation", "force")]

    def operation(action: str, parameters: list[Object]) -> Object:
        content = {"application/json": {"schema": {"$ref": PREFIX + name}}}
        return {
            "parameters": parameters, "responses": {"200": {"description": "OK", "content": content}},
            "x-kubernetes-action": action, "x-kubernetes-group-version-kind": mark,
        }  # fmt: skip

    return {
        base: {"get": operation("list", []), "post": operation("post", written[:3])},
        base + "/{name}": {
            "get": operation("get", []), "put": operation("put", written[:3]),
            "patch": operation("patch", written), "delete": operation("delete", written[:1]),
        },
    }  # fmt: skip


def _parameter(name: str) -> Object:
    return {
        "name": name,
        "in": "query",
        "schema": {"type": "boolean" if name == "force" else "string", "uniqueItems": True},
    }
