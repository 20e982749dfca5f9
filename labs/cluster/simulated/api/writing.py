"""How an object gets into the store: admission, rules, ownership, version."""

from __future__ import annotations

import uuid
from typing import Any

from labs.cluster.simulated.api import errors, managed, naming, rules
from labs.cluster.simulated.api.admission import Admission, Review
from labs.cluster.simulated.api.ask import Ask
from labs.cluster.simulated.api.clock import Clock, stamp
from labs.cluster.simulated.api.resource import Resource
from labs.cluster.simulated.api.store import Key, Store
from labs.cluster.simulated.api.validation import validate

Object = dict[str, Any]

NAMESPACES = ("", "namespaces")
_OWNED = (
    "uid",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "generation",
    "namespace",
    "name",
    "selfLink",
)
_COUNTED = ("Pod", "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "CronJob", "CustomResourceDefinition",
            "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")  # fmt: skip


class Writing:
    """Writes objects. `admission` is asked in its order."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store = store
        self.clock = clock
        self.admission: list[Admission] = []

    def create(
        self, resource: Resource, namespace: str, value: Object, ask: Ask, entries: list[Object] | None = None
    ) -> Object:
        """Stores a new object (unless it is a dry run) and returns it."""
        namespace = namespace if resource.namespaced else ""
        self._namespace_open(resource, namespace)
        name = value["metadata"]["name"]
        value = self._admitted(Review("CREATE", resource, namespace, name, value, None, ask))
        key = Key(resource.key, namespace, name)
        if self.store.get(key):
            raise errors.already_exists(resource.group, resource.plural, name)
        own: Object = {"uid": str(uuid.uuid4()), "creationTimestamp": stamp(self.clock)}
        if resource.custom or resource.kind in _COUNTED:
            own["generation"] = 1
        dropped = ("resourceVersion", "deletionTimestamp", "managedFields")
        value = with_metadata(value, **own, **dict.fromkeys(dropped))
        owners = entries if entries is not None else self._owners(None, value, resource, ask, "")
        return self._save(key, with_metadata(value, managedFields=owners), ask)

    def replace(
        self,
        resource: Resource,
        old: Object,
        value: Object,
        ask: Ask,
        subresource: str = "",
        entries: list[Object] | None = None,
    ) -> Object:
        """Stores an object in the place of `old`; what did not change is not written."""
        _unchanged_meanwhile(resource, old, value)
        value = _part(old, value, resource, subresource)
        namespace, name = old["metadata"].get("namespace", ""), old["metadata"]["name"]
        value = self._admitted(Review("UPDATE", resource, namespace, name, value, old, ask, subresource))
        key = Key(resource.key, namespace, name)
        if _same(old, value) and not (entries and ask.manager not in {e.get("manager") for e in _entries(old)}):
            return old
        if _spec(old, resource) != _spec(value, resource) and "generation" in old["metadata"]:
            value = with_metadata(value, generation=old["metadata"]["generation"] + 1)
        owners = entries if entries is not None else self._owners(old, value, resource, ask, subresource)
        value = with_metadata(value, managedFields=owners)
        if (
            value["metadata"].get("deletionTimestamp")
            and not _finalizers(value)
            and resource.kind not in ("Pod", "Namespace")
        ):
            return value if ask.dry_run else self.store.remove(key)
        return self._save(key, value, ask)

    def mark(self, resource: Resource, value: Object) -> Object:
        """Stores an object that only its server-owned metadata or status changed in, past admission."""
        key = Key(resource.key, value["metadata"].get("namespace", ""), value["metadata"]["name"])
        return self.store.put(key, {**value, "apiVersion": _storage_version(resource)})

    def allowed(self, review: Review) -> None:
        """Asks admission about a deletion. Raises ApiError."""
        for plugin in self.admission:
            plugin.mutate(review)
        for plugin in self.admission:
            plugin.validate(review)

    def _admitted(self, review: Review) -> Object:
        for plugin in self.admission:
            plugin.mutate(review)
        value: Object = review.object or {}
        causes = list(naming.metadata(value, review.old, review.resource))
        if review.resource.custom:
            causes += validate(value, review.resource.schema)
        else:
            causes += rules.faults(value, review.old, review.resource)
        if causes:
            raise errors.invalid(review.resource.group, review.resource.kind, review.name, causes)
        for plugin in self.admission:
            plugin.validate(review)
        return value

    def _owners(
        self, old: Object | None, value: Object, resource: Resource, ask: Ask, subresource: str
    ) -> list[Object]:
        manager = managed.Manager(ask.manager, "Update", resource.api_version, subresource)
        return managed.update(old, value, manager, resource.schema, stamp(self.clock))

    def _save(self, key: Key, value: Object, ask: Ask) -> Object:
        if ask.dry_run:
            return value
        return self.store.put(key, value)

    def _namespace_open(self, resource: Resource, namespace: str) -> None:
        """NamespaceLifecycle: nothing new in a namespace that is not there or ends."""
        if not resource.namespaced:
            return
        found = self.store.get(Key(NAMESPACES, "", namespace))
        if found is None:
            raise errors.not_found("", "namespaces", namespace)
        if found["metadata"].get("deletionTimestamp"):
            why = f"unable to create new content in namespace {namespace} because it is being terminated"
            raise errors.forbidden(resource.group, resource.plural, "", why)


def with_metadata(value: Object, **fields: Any) -> Object:
    """A copy of an object with fields of its metadata set, or left out where they are None or empty."""
    metadata = {**value["metadata"], **fields}
    return {**value, "metadata": {key: item for key, item in metadata.items() if key not in fields or item}}


def _storage_version(resource: Resource) -> str:
    return f"{resource.group}/{resource.storage}" if resource.group else resource.storage


def _unchanged_meanwhile(resource: Resource, old: Object, value: Object) -> None:
    name, given = old["metadata"]["name"], value["metadata"]
    if given.get("uid") not in (None, "", old["metadata"]["uid"]):
        why = f"Precondition failed: UID in precondition: {given['uid']}, UID in object meta: {old['metadata']['uid']}"
        raise errors.conflict(resource.group, resource.plural, name, why)
    if given.get("resourceVersion") not in (None, "", old["metadata"]["resourceVersion"]):
        raise errors.modified(resource.group, resource.plural, name)


def _part(old: Object, value: Object, resource: Resource, subresource: str) -> Object:
    """What a write through `subresource` may change, on top of the old object."""
    if subresource == "status":
        metadata = old["metadata"]
        value = {**old, "status": value.get("status") or {}}
    elif subresource == "ephemeralcontainers":
        metadata = old["metadata"]
        value = {**old, "spec": {**old["spec"], "ephemeralContainers": value["spec"].get("ephemeralContainers") or []}}
    else:
        metadata = {**value["metadata"], "managedFields": old["metadata"].get("managedFields")}
        if "status" in resource.subresources:
            value = {key: item for key, item in value.items() if key != "status"}
            value.update({"status": old["status"]} if "status" in old else {})
    kept = {name: old["metadata"][name] for name in (*_OWNED, "resourceVersion") if name in old["metadata"]}
    metadata = {key: item for key, item in metadata.items() if key not in _OWNED and item is not None}
    return {**value, "metadata": {**metadata, **kept}}


def _entries(value: Object) -> list[Object]:
    return value["metadata"].get("managedFields") or []


def _same(old: Object, value: Object) -> bool:
    ignored = {"managedFields": None, "resourceVersion": None}
    return with_metadata(old, **ignored) == with_metadata(value, **ignored)


def _spec(value: Object, resource: Resource) -> Object:
    ignored = ("metadata", "status", "apiVersion") if "status" in resource.subresources else ("metadata", "apiVersion")
    return {key: item for key, item in value.items() if key not in ignored}


def _finalizers(value: Object) -> list[str]:
    return value["metadata"].get("finalizers") or []
