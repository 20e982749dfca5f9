"""How things end: what a deleted owner leaves, what a terminating namespace holds, definitions' status."""

from __future__ import annotations

from collections.abc import Iterable

from labs.cluster.simulated.api.clock import stamp
from labs.cluster.simulated.api.store import Change, Key
from labs.cluster.simulated.controllers.client import CRD, NAMESPACE, Client


class Garbage:
    """Deletes what was owned by an object that is gone, or whose foreground deletion waits. The key is a uid."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def concerns(self, change: Change) -> Iterable[str]:
        finalizers = change.object["metadata"].get("finalizers") or ()
        if change.type == "DELETED" or "foregroundDeletion" in finalizers:
            yield change.object["metadata"]["uid"]

    def reconcile(self, key: str) -> None:
        store = self.client.cluster.store
        for place in list(store.places()):
            value = store.get(place)
            owners = value["metadata"].get("ownerReferences") or () if value else ()
            if value and any(one.get("uid") == key for one in owners):
                others = [one for one in owners if one.get("uid") != key]
                if not others:
                    self.client.delete(place.kind, value)


class Namespaces:
    """Empties a namespace that ends, then lets it go. The key is its name."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def concerns(self, change: Change) -> Iterable[str]:
        if change.key.kind == NAMESPACE:
            yield change.key.name
        elif change.type == "DELETED" and change.key.namespace:
            yield change.key.namespace

    def reconcile(self, key: str) -> None:
        value = self.client.get(NAMESPACE, "", key)
        if not value or not value["metadata"].get("deletionTimestamp"):
            return
        store = self.client.cluster.store
        inside = [place for place in store.places() if place.namespace == key]
        for place in inside:
            found = store.get(place)
            if found and not found["metadata"].get("deletionTimestamp"):
                self.client.delete(place.kind, found)
        if not any(place.namespace == key for place in store.places()):
            store.remove(Key(NAMESPACE, "", key))


class Definitions:
    """Says of a CustomResourceDefinition that it is served. The key is its name."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def concerns(self, change: Change) -> Iterable[str]:
        if change.key.kind == CRD and change.type != "DELETED":
            yield change.key.name

    def reconcile(self, key: str) -> None:
        value = self.client.get(CRD, "", key)
        if not value or (value.get("status") or {}).get("acceptedNames") == value["spec"]["names"]:
            return
        time = stamp(self.client.cluster.clock)
        conditions = [
            {"type": "NamesAccepted", "status": "True", "reason": "NoConflicts", "message": "no conflicts found",
             "lastTransitionTime": time},
            {"type": "Established", "status": "True", "reason": "InitialNamesAccepted",
             "message": "the initial names have been accepted", "lastTransitionTime": time},
        ]  # fmt: skip
        stored = [version["name"] for version in value["spec"]["versions"] if version.get("storage")]
        status = {"acceptedNames": value["spec"]["names"], "conditions": conditions, "storedVersions": stored}
        self.client.mark(CRD, {**value, "status": status})
