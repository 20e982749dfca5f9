"""One kind as one version of the API serves it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from labs.cluster.simulated.api.schema import Schema

VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of `kubectl get`. `path` is the JSON path of a custom kind's column."""

    name: str
    type: str = "string"
    format: str = ""
    priority: int = 0
    path: str = ""

    def json(self) -> dict[str, Any]:
        """The column's definition in a Table."""
        return {
            "name": self.name, "type": self.type, "format": self.format, "description": "", "priority": self.priority,
        }  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Resource:
    """A kind: where it is served, how its objects look.

    `columns` are a custom kind's printer columns; a built-in kind's are in `server.columns`.
    `deprecation` is the warning that every use of this version gets. `storage` is the version
    that objects are kept in.
    """

    group: str
    version: str
    plural: str
    kind: str
    namespaced: bool
    schema: Schema = field(repr=False)
    singular: str = ""
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    subresources: frozenset[str] = frozenset()
    columns: tuple[Column, ...] = ()
    custom: bool = False
    deprecation: str = ""
    storage: str = ""

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def key(self) -> tuple[str, str]:
        """What its objects are stored under, whatever the version."""
        return self.group, self.plural

    @property
    def qualified(self) -> str:
        """`plural.group`."""
        return f"{self.plural}.{self.group}" if self.group else self.plural
