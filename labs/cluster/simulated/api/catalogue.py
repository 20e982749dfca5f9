"""Which kinds are served: the built-in ones, and those that CustomResourceDefinitions add."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from labs.cluster.simulated.api.builtin import resources
from labs.cluster.simulated.api.resource import Column, Resource
from labs.cluster.simulated.api.schema import PRESERVE, for_object

Object = dict[str, Any]
_AGE = Column("Age", "date", path=".metadata.creationTimestamp")


class Catalogue:
    """All kinds by group, version and plural. `generation` counts the changes."""

    def __init__(self) -> None:
        self.generation = 0
        self._builtin = {(r.group, r.version, r.plural): r for r in resources()}
        self._custom: dict[str, list[Resource]] = {}
        self._all = dict(self._builtin)

    def define(self, definition: Object) -> None:
        """Serves the kind of a CustomResourceDefinition, in place of what that name meant before."""
        self._custom[definition["metadata"]["name"]] = list(_versions(definition))
        self._rebuild()

    def remove(self, name: str) -> None:
        """Serves the kind of that definition no more."""
        self._custom.pop(name, None)
        self._rebuild()

    def _rebuild(self) -> None:
        self.generation += 1
        custom = (r for versions in self._custom.values() for r in versions)
        self._all = {**{(r.group, r.version, r.plural): r for r in custom}, **self._builtin}

    def find(self, group: str, version: str, plural: str) -> Resource | None:
        """The kind served there, or None."""
        return self._all.get((group, version, plural))

    def stored(self, group: str, plural: str) -> Resource | None:
        """The kind in the version that its objects are kept in, or None."""
        found = (r for (g, _, p), r in self._all.items() if (g, p) == (group, plural))
        return next((r for r in found if r.version == r.storage), None)

    def of_kind(self, api_version: str, kind: str) -> Resource | None:
        """The resource of an object's `apiVersion` and `kind`, or None."""
        return next((r for r in self._all.values() if r.kind == kind and r.api_version == api_version), None)

    def all(self) -> list[Resource]:
        """Every version of every kind."""
        return list(self._all.values())

    def groups(self) -> dict[str, list[str]]:
        """Group → its versions, preferred first; the core group is the empty name."""
        found: dict[str, list[str]] = {}
        for group, version, _ in self._all:
            versions = found.setdefault(group, [])
            if version not in versions:
                versions.append(version)
        return {group: sorted(versions, key=_priority, reverse=True) for group, versions in sorted(found.items())}


def _priority(version: str) -> tuple[int, int, int]:
    """Kubernetes' order of versions: v2 before v1 before v1beta2 before v1alpha1."""
    number, _, rest = version.removeprefix("v").partition("beta")
    if rest:
        return 1, int(number or 0), int(rest)
    number, _, rest = version.removeprefix("v").partition("alpha")
    if rest:
        return 0, int(number or 0), int(rest)
    return (2, int(number), 0) if number.isdigit() else (-1, 0, 0)


def _versions(definition: Object) -> Iterator[Resource]:
    spec = definition["spec"]
    names = spec["names"]
    storage = next((v["name"] for v in spec["versions"] if v.get("storage")), spec["versions"][0]["name"])
    for version in spec["versions"]:
        if not version.get("served", True):
            continue
        schema = (version.get("schema") or {}).get("openAPIV3Schema") or {"type": "object", PRESERVE: True}
        yield Resource(
            spec["group"], version["name"], names["plural"], names["kind"], spec.get("scope") == "Namespaced",
            for_object(schema), singular=names.get("singular") or names["kind"].lower(),
            short_names=tuple(names.get("shortNames") or ()), categories=tuple(names.get("categories") or ()),
            subresources=frozenset(version.get("subresources") or ()),
            columns=_columns(version.get("additionalPrinterColumns") or ()), custom=True,
            deprecation=_deprecation(spec["group"], names["kind"], version), storage=storage,
        )  # fmt: skip


def _columns(given: Any) -> tuple[Column, ...]:
    columns = [
        Column(c["name"], c["type"], c.get("format", ""), c.get("priority", 0), c["jsonPath"]) for c in given
    ] or [_AGE]
    return (Column("Name", format="name"), *columns)


def _deprecation(group: str, kind: str, version: Object) -> str:
    if not version.get("deprecated"):
        return ""
    return str(version.get("deprecationWarning") or f"{group}/{version['name']} {kind} is deprecated")
