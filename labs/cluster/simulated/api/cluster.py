"""The verbs of the API on a store: what a request asks, decided and carried out at once.

Everything here runs in one thread without waiting, so no two writes can cross.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from typing import Any

from labs.cluster.simulated.api import errors, managed, selectors
from labs.cluster.simulated.api.ask import Ask
from labs.cluster.simulated.api.builtin import CRDS
from labs.cluster.simulated.api.catalogue import Catalogue
from labs.cluster.simulated.api.clock import Clock, stamp
from labs.cluster.simulated.api.decode import decode
from labs.cluster.simulated.api.removal import Removal
from labs.cluster.simulated.api.resource import Resource
from labs.cluster.simulated.api.schema import prune
from labs.cluster.simulated.api.store import Change, Key, Store
from labs.cluster.simulated.api.writing import Writing

Object = dict[str, Any]

# k8s.io/kubernetes v1.35 pkg/apis/{core,batch,apps}/v1/conversion.go (AddFieldLabelConversionFunc)
_FIELDS = {
    "Pod": (
        "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork",
        "status.phase", "status.podIP", "status.podIPs", "status.nominatedNodeName",
    ),
    "Event": (
        *(f"involvedObject.{name}" for name in (
            "kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath",
        )),
        "reason", "reportingComponent", "source", "type",
    ),
    "Namespace": ("status.phase",), "Node": ("spec.unschedulable",), "Secret": ("type",),
    "Service": ("spec.clusterIP", "spec.type"), "Job": ("status.successful",), "ReplicaSet": ("status.replicas",),
}  # fmt: skip


class Cluster:
    """All that the API can do. `writing.admission` is the list of admission plugins."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store = store
        self.clock = clock
        self.catalogue = Catalogue()
        self.writing = Writing(store, clock)
        self.removal = Removal(self.writing)
        store.subscribe(self._follow)

    def load(self) -> None:
        """Serves the custom kinds whose definitions a restored store holds."""
        for definition in self.store.all(CRDS):
            self.catalogue.define(definition)

    def _follow(self, change: Change) -> None:
        if change.key.kind != CRDS:
            return
        if change.type != "DELETED":
            self.catalogue.define(change.object)
            return
        spec = change.object["spec"]
        kind = (spec["group"], spec["names"]["plural"])
        for key in [key for key in self.store.places() if key.kind == kind]:
            self.store.remove(key)
        self.catalogue.remove(change.key.name)

    def kind(self, group: str, plural: str) -> Resource | None:
        """A kind in its storage version, where it is served."""
        return self.catalogue.stored(group, plural)

    def get(self, resource: Resource, namespace: str, name: str) -> Object:
        """One object. Raises ApiError 404."""
        return view(self._stored(resource, namespace, name), resource)

    def find(self, resource: Resource, namespace: str, name: str) -> Object | None:
        """One object, or None."""
        found = self.store.get(Key(resource.key, namespace if resource.namespaced else "", name))
        return view(found, resource) if found else None

    def list(self, resource: Resource, namespace: str = "", label: str = "", field: str = "") -> list[Object]:
        """The objects of a kind that fit the selectors. Raises ApiError 400 for a bad selector."""
        fits = selected(resource, label, field)
        return [view(one, resource) for one in self.store.all(resource.key, namespace) if fits(one)]

    def create(self, resource: Resource, namespace: str, body: Any, ask: Ask, duplicates: Sequence[str] = ()) -> Object:
        """Creates an object from a request's body and returns it as stored."""
        value = decode(_without_status(body, resource), resource, ask, duplicates)
        _named(value["metadata"], resource, namespace)
        return self.writing.create(resource, namespace, value, ask)

    def update(
        self, resource: Resource, namespace: str, name: str, body: Any, ask: Ask, *,
        subresource: str = "", duplicates: Sequence[str] = (), patch: bool = False,
    ) -> Object:  # fmt: skip
        """Replaces an object by a request's body. Raises ApiError 409 where somebody else wrote in between."""
        old = self._stored(resource, namespace, name)
        value = decode(body, resource, ask, duplicates, patch)
        given = value["metadata"].get("name", name)
        if given != name:
            raise errors.bad_request(f"the name of the object ({given}) does not match the name on the URL ({name})")
        return self.writing.replace(resource, view(old, resource), value, ask, subresource)

    def patch(
        self, resource: Resource, namespace: str, name: str, change: Callable[[Object], Any], ask: Ask, *,
        subresource: str = "", duplicates: Sequence[str] = (),
    ) -> Object:  # fmt: skip
        """Replaces an object by what `change` makes of it."""
        new = change(view(self._stored(resource, namespace, name), resource))
        return self.update(
            resource, namespace, name, new, ask, subresource=subresource, duplicates=duplicates, patch=True
        )

    def apply(
        self,
        resource: Resource,
        namespace: str,
        name: str,
        body: Object,
        ask: Ask,
        *,
        subresource: str = "",
        force: bool = False,
    ) -> Object:
        """Server-side apply: creates or changes an object by the fields that the manager wants."""
        body = {**body, "metadata": {**(body.get("metadata") or {}), "name": name}}
        if resource.namespaced:
            body["metadata"].setdefault("namespace", namespace)
        _declared(body, resource, namespace, name)
        old = self.find(resource, namespace, name)
        manager = managed.Manager(ask.manager, "Apply", resource.api_version, subresource)
        merged = managed.apply(old, body, manager, resource.schema, stamp(self.clock), force)
        value = decode(merged, resource, ask)
        entries = merged["metadata"]["managedFields"]
        if old is None:
            _named(value["metadata"], resource, namespace)
            return self.writing.create(resource, namespace, value, ask, entries)
        return self.writing.replace(resource, old, value, ask, subresource, entries)

    def delete(self, resource: Resource, namespace: str, name: str, options: Object, ask: Ask) -> Object:
        """Deletes an object. Returns a Status, or the object where its end waits for something."""
        return self.removal.delete(resource, self._stored(resource, namespace, name), options, ask)

    def _stored(self, resource: Resource, namespace: str, name: str) -> Object:
        found = self.store.get(Key(resource.key, namespace if resource.namespaced else "", name))
        if found is None:
            raise errors.not_found(resource.group, resource.plural, name)
        return found


def view(stored: Object, resource: Resource) -> Object:
    """An object as this version of its kind shows it. Its parts are shared with the store: never alter them."""
    if stored["apiVersion"] == resource.api_version:
        return stored
    return {**stored, "apiVersion": resource.api_version}


def selected(resource: Resource, label: str, field: str) -> selectors.Test:
    """The test that a request's selectors ask for."""
    tests = []
    if label:
        tests.append(selectors.labels(label))
    if field:
        tests.append(selectors.fields(field))
        _known_fields(field, _FIELDS.get(resource.kind, ()) if not resource.custom else ())
    return lambda value: all(test(value) for test in tests)


def _known_fields(field: str, more: Sequence[str]) -> None:
    for part in field.split(","):
        name = part.split("=")[0].rstrip("!").strip()
        if name and name not in ("metadata.name", "metadata.namespace", *more):
            raise errors.bad_request(f"field label not supported: {name}")


def _without_status(body: Any, resource: Resource) -> Any:
    if isinstance(body, dict) and "status" in resource.subresources:
        return {key: value for key, value in body.items() if key != "status"}
    return body


def _named(metadata: Object, resource: Resource, namespace: str) -> None:
    """Sets the name and the namespace of a new object."""
    if not metadata.get("name") and metadata.get("generateName"):
        alphabet = "bcdfghjklmnpqrstvwxz2456789"  # k8s.io/apimachinery `pkg/util/rand`: no vowels, no look-alikes
        metadata["name"] = metadata["generateName"][:58] + "".join(secrets.choice(alphabet) for _ in range(5))
    if not metadata.get("name"):
        cause = errors.required("metadata.name", "name or generateName is required")
        raise errors.invalid(resource.group, resource.kind, "", [cause])
    if not resource.namespaced:
        metadata.pop("namespace", None)
        return
    if metadata.get("namespace", namespace) != namespace:
        raise errors.bad_request(
            "the namespace of the provided object does not match the namespace sent on the request"
        )
    metadata["namespace"] = namespace


def _declared(body: Object, resource: Resource, namespace: str, name: str) -> None:
    unknown: list[str] = []
    prune(body, resource.schema, unknown)
    if unknown:
        where = f"{namespace if resource.namespaced else ''}/{name}; {resource.api_version}, Kind={resource.kind}"
        message = f"failed to create typed patch object ({where}): .{unknown[0]}: field not declared in schema"
        raise errors.ApiError(500, "", message)
