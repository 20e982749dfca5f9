"""The comparison of what a commit wants with what lives.

Source: A:controller/state.go (CompareAppState), A:util/argo/diff/diff.go (diffArrayCached), G:pkg/diff/diff.go
(ServerSideDiff, ThreeWayDiff), A:util/argo/resource_tracking.go.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from labs.cluster.simulated.api.ask import Ask, User
from labs.cluster.simulated.api.cluster import Cluster
from labs.cluster.simulated.api.errors import ApiError
from labs.cluster.simulated.api.resource import Resource
from labs.cluster.simulated.api.writing import with_metadata
from labs.cluster.simulated.argocd.applying import changes, with_record

Object = dict[str, Any]
Key = tuple[str, str, str, str]
"""Group, kind, namespace, name."""
Verdict = tuple[str, bool]
"""The resourceVersion that was compared (empty where nothing lived), and whether it was as wanted."""

TRACKING = "argocd.argoproj.io/tracking-id"
MANAGER = "argocd-controller"
COMPARE_OPTIONS = "argocd.argoproj.io/compare-options"


class _Failed(Exception):
    """A server-side comparison that was refused; the text is the reason."""


@dataclass(frozen=True, slots=True)
class Item:
    """One object of an application: wanted (`target`), living (`live`), or both. `resource` is None where unserved."""

    key: Key
    version: str
    target: Object | None
    live: Object | None
    resource: Resource | None
    synced: bool

    @property
    def prunes(self) -> bool:
        """Whether it lives and is wanted no more."""
        return self.target is None


class Comparer:
    """Compares one application. `user` is Argo CD's identity.

    `known` are the verdicts of the comparison before, where the same commit is compared again: an object of the same
    resourceVersion is not asked about twice. `verdicts` are those of this comparison.
    """

    def __init__(
        self, cluster: Cluster, user: User, application: Object, known: Mapping[Key, Verdict] | None = None
    ) -> None:
        self.known = known
        self.verdicts: dict[Key, Verdict] = {}
        self.cluster = cluster
        self.user = user
        self.name = application["metadata"]["name"]
        options = (application["metadata"].get("annotations") or {}).get(COMPARE_OPTIONS, "")
        self.server_side = "ServerSideDiff=true" in options
        self.namespace = application["spec"]["destination"].get("namespace") or "default"

    def targets(self, objects: Iterable[Object]) -> tuple[dict[Key, Object], list[str]]:
        """The wanted objects with their tracking annotation, and the names of those that stand there twice."""
        found: dict[Key, Object] = {}
        twice = []
        for value in objects:
            resource = self.cluster.catalogue.of_kind(value["apiVersion"], value["kind"])
            metadata = {key: item for key, item in value["metadata"].items() if item is not None}
            if resource is None or resource.namespaced:
                metadata.setdefault("namespace", self.namespace)
            else:
                metadata.pop("namespace", None)
            group = value["apiVersion"].rpartition("/")[0]
            key = (group, value["kind"], metadata.get("namespace", ""), metadata["name"])
            identity = f"{self.name}:{group}/{value['kind']}:{key[2] or self.namespace}/{key[3]}"
            metadata["annotations"] = {**(metadata.get("annotations") or {}), TRACKING: identity}
            if key in found:
                twice.append(f"{group}/{value['kind']}/{key[2]}/{key[3]}")
            found[key] = {**value, "metadata": metadata}
        return found, twice

    def compare(self, targets: dict[Key, Object]) -> tuple[list[Item], str]:
        """All objects of the application; and, where they could not be compared, the condition's message.

        Then every object that lives is noted as unchanged, so that the next look finds nothing to say against it:
        Argo CD puts an empty difference into its cache, and takes it from there.
        """
        found, error = [self._item(key, target) for key, target in targets.items()], ""
        try:
            items = [replace(item, synced=self._judged(item)) for item in found]
        except _Failed as failed:
            cached = "" if self.known is None else " from cache"
            error = f"Failed to compare desired state to live state: failed to calculate diff{cached}: {failed}"
            items = [replace(item, synced=item.live is not None) for item in found]
        self.verdicts = {item.key: (_version(item), item.synced) for item in items}
        return items + [item for item in self.managed() if item.key not in targets], error

    def managed(self) -> list[Item]:
        """The living objects that carry the application's name, as if none were wanted."""
        found = []
        for place in list(self.cluster.store.places()):
            value = self.cluster.store.get(place)
            identity = (value["metadata"].get("annotations") or {}).get(TRACKING, "") if value else ""
            if not value or not identity.startswith(f"{self.name}:"):
                continue
            group = place.kind[0]
            own = f"{self.name}:{group}/{value['kind']}:{place.namespace or self.namespace}/{place.name}"
            resource = self.cluster.kind(*place.kind)
            if identity == own and resource:
                key = (group, value["kind"], place.namespace, place.name)
                found.append(Item(key, resource.version, None, value, resource, False))
        return found

    def _item(self, key: Key, target: Object) -> Item:
        version = target["apiVersion"].rpartition("/")[2]
        resource = self.cluster.catalogue.of_kind(target["apiVersion"], target["kind"])
        live = self.cluster.find(resource, key[2], key[3]) if resource else None
        return Item(key, version, target, live, resource, False)

    def _judged(self, item: Item) -> bool:
        if item.resource is None or item.live is None or item.target is None:
            return False
        version, same = (self.known or {}).get(item.key, ("", False))
        return same if version == _version(item) else self._same(item.resource, item.live, item.target)

    def _same(self, resource: Resource, live: Object, target: Object) -> bool:
        if not self.server_side:
            return _holds(live, target) and not _given_up(live, target)
        ask = Ask(self.user, MANAGER, dry_run=True)
        metadata = target["metadata"]
        try:
            new = self.cluster.apply(
                resource, metadata.get("namespace", ""), metadata["name"], target, ask, force=True
            )  # fmt: skip
        except ApiError as error:
            place = f"{target['kind']}/{metadata['name']}"
            raise _Failed(
                "error calculating server side diff: serverSideDiff error: error running server side apply in dryrun "
                f"mode for resource {place}: {error.message}"
            ) from None
        return _normal(new) == _normal(live)


def _version(item: Item) -> str:
    return str(item.live["metadata"]["resourceVersion"]) if item.live else ""


def _normal(value: Object) -> Object:
    """Without what the server counts and notes by itself."""
    ignored = ("managedFields", "resourceVersion", "generation", "creationTimestamp", "uid")
    return with_metadata(value, **dict.fromkeys(ignored))


def _holds(live: Any, target: Any) -> bool:
    """Whether everything wanted is there; what defaults added beside it is no difference."""
    if isinstance(target, dict):
        return isinstance(live, dict) and all(_holds(live.get(key), item) for key, item in target.items())
    if isinstance(target, list):
        same = isinstance(live, list) and len(live) == len(target)
        return same and all(_holds(one, other) for one, other in zip(live, target, strict=True))
    return bool(live == target)


def _given_up(live: Object, target: Object) -> bool:
    """Whether something that was applied last is wanted no more and still there."""

    def has_null(patch: Any) -> bool:
        return patch is None or (isinstance(patch, dict) and any(has_null(item) for item in patch.values()))

    return has_null(changes(live, with_record(target)))
