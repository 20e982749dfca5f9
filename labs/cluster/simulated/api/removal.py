"""How an object leaves the store: preconditions, finalizers, what belongs to it."""

from __future__ import annotations

from typing import Any

from labs.cluster.simulated.api import errors
from labs.cluster.simulated.api.admission import Review
from labs.cluster.simulated.api.ask import Ask
from labs.cluster.simulated.api.clock import stamp
from labs.cluster.simulated.api.resource import Resource
from labs.cluster.simulated.api.store import Key
from labs.cluster.simulated.api.writing import Writing, with_metadata

Object = dict[str, Any]

KEPT = ("default", "kube-node-lease", "kube-public", "kube-system")


class Removal:
    """Deletes objects. What depends on a deleted object is the garbage collector's business."""

    def __init__(self, writing: Writing) -> None:
        self.writing = writing
        self.store = writing.store

    def delete(self, resource: Resource, value: Object, options: Object, ask: Ask) -> Object:
        """Deletes at once, or marks what has to wait: finalizers, Pods that run, namespaces with content.

        Returns a Status where the object is gone, else the object.
        """
        self._preconditions(resource, value, options)
        namespace, name = value["metadata"].get("namespace", ""), value["metadata"]["name"]
        if resource.kind == "Namespace" and name in KEPT:
            raise errors.forbidden("", "namespaces", name, "this namespace may not be deleted")
        self.writing.allowed(Review("DELETE", resource, namespace, name, None, value, ask))
        if ask.dry_run:
            return _gone(resource, value)
        if options.get("propagationPolicy") == "Orphan" or options.get("orphanDependents"):
            self._orphan(value)
        if self._waits(resource, value, options):
            return self._marked(resource, value, options)
        self.store.remove(Key(resource.key, namespace, name))
        return _gone(resource, value)

    def _preconditions(self, resource: Resource, value: Object, options: Object) -> None:
        wanted, name = options.get("preconditions") or {}, value["metadata"]["name"]
        for field, word in (("uid", "UID"), ("resourceVersion", "ResourceVersion")):
            found = value["metadata"][field]
            if wanted.get(field) not in (None, found):
                why = (
                    f"the {word} in the precondition ({wanted[field]}) does not match the {word} in record ({found}). "
                    "The object might have been deleted and then recreated"
                )
                raise errors.conflict(resource.group, resource.plural, name, why)

    def _waits(self, resource: Resource, value: Object, options: Object) -> bool:
        if value["metadata"].get("finalizers") or resource.kind == "Namespace":
            return True
        graceful = options.get("gracePeriodSeconds") != 0
        return resource.kind == "Pod" and graceful and bool(value["spec"].get("nodeName"))

    def _marked(self, resource: Resource, value: Object, options: Object) -> Object:
        if value["metadata"].get("deletionTimestamp"):
            return value
        marked = with_metadata(value, deletionTimestamp=stamp(self.writing.clock))
        if resource.kind == "Pod":
            grace = options.get("gracePeriodSeconds")
            marked["metadata"]["deletionGracePeriodSeconds"] = 30 if grace is None else grace
        else:
            marked["metadata"]["deletionGracePeriodSeconds"] = 0
        if resource.kind == "Namespace":
            marked["status"] = {"phase": "Terminating"}
        return self.writing.mark(resource, marked)

    def _orphan(self, owner: Object) -> None:
        uid = owner["metadata"]["uid"]
        for key in list(self.store.places()):
            value = self.store.get(key)
            owners = value["metadata"].get("ownerReferences") if value else None
            if value and owners and any(one.get("uid") == uid for one in owners):
                kept = [one for one in owners if one.get("uid") != uid]
                self.store.put(key, with_metadata(value, ownerReferences=kept))


def _gone(resource: Resource, value: Object) -> Object:
    details = {
        "name": value["metadata"]["name"],
        "group": resource.group,
        "kind": resource.plural,
        "uid": value["metadata"]["uid"],
    }
    return {
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success",
        "details": {key: text for key, text in details.items() if text},
    }  # fmt: skip
