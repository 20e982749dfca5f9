"""What a path and a method of the API mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_NAMESPACE_PARTS = ("status", "finalize")


@dataclass(frozen=True, slots=True)
class Route:
    """A path below `/api/v1` or `/apis/GROUP/VERSION`."""

    group: str
    version: str
    plural: str
    namespace: str = ""
    name: str = ""
    subresource: str = ""

    def verb(self, method: str, query: Mapping[str, str]) -> str:
        """The API verb, as authorisation and messages call it."""
        if method == "GET":
            if query.get("watch") in ("true", "1"):
                return "watch"
            return "get" if self.name else "list"
        if method == "DELETE":
            return "delete" if self.name else "deletecollection"
        return {"POST": "create", "PUT": "update", "PATCH": "patch"}.get(method, method.lower())


def parse(path: str) -> Route | None:
    """The route of a path, or None where it names no resource."""
    parts = path.strip("/").split("/")
    if parts[0] == "api" and len(parts) > 2:
        return _resource("", parts[1], parts[2:])
    if parts[0] == "apis" and len(parts) > 3:
        return _resource(parts[1], parts[2], parts[3:])
    return None


def _resource(group: str, version: str, parts: list[str]) -> Route | None:
    namespace = ""
    inside = parts[0] == "namespaces" and len(parts) > 2 and not (len(parts) == 3 and parts[2] in _NAMESPACE_PARTS)
    if inside:
        namespace, parts = parts[1], parts[2:]
    if len(parts) > 3 or not all(parts):
        return None
    plural, name, subresource = (*parts, "", "")[:3]
    return Route(group, version, plural, namespace, name, subresource)
