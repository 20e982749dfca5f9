"""How a controller reads and writes: the verbs of the API, without the network."""

from __future__ import annotations

from typing import Any

from labs.cluster.simulated.api.ask import Ask, User
from labs.cluster.simulated.api.cluster import Cluster
from labs.cluster.simulated.api.errors import ApiError, no_such_path
from labs.cluster.simulated.api.patches import merge
from labs.cluster.simulated.api.resource import Resource

Object = dict[str, Any]
Kind = tuple[str, str]

NAMESPACE: Kind = ("", "namespaces")
POD: Kind = ("", "pods")
CONFIG_MAP: Kind = ("", "configmaps")
EVENT: Kind = ("", "events")
SERVICE_ACCOUNT: Kind = ("", "serviceaccounts")
NODE: Kind = ("", "nodes")
DEPLOYMENT: Kind = ("apps", "deployments")
REPLICA_SET: Kind = ("apps", "replicasets")
CRD: Kind = ("apiextensions.k8s.io", "customresourcedefinitions")


class Client:
    """The API as one controller uses it: `manager` is its field manager, `user` its identity."""

    def __init__(self, cluster: Cluster, user: User, manager: str) -> None:
        self.cluster = cluster
        self.user = user
        self.manager = manager

    def resource(self, kind: Kind) -> Resource:
        """The kind. Raises ApiError 404 where it is not served."""
        found = self.cluster.kind(*kind)
        if found is None:
            raise no_such_path()
        return found

    def ask(self, **more: Any) -> Ask:
        """A request's context under this controller's name."""
        return Ask(self.user, self.manager, **more)

    def get(self, kind: Kind, namespace: str, name: str) -> Object | None:
        """An object, or None (also where the kind is not served). Never alter it."""
        found = self.cluster.kind(*kind)
        return self.cluster.find(found, namespace, name) if found else None

    def list(self, kind: Kind, namespace: str = "") -> list[Object]:
        """The objects of a kind; none where it is not served."""
        found = self.cluster.kind(*kind)
        return self.cluster.list(found, namespace) if found else []

    def create(self, kind: Kind, value: Object) -> Object:
        """Creates an object in the namespace that its metadata name."""
        resource = self.resource(kind)
        return self.cluster.create(resource, value["metadata"].get("namespace", ""), value, self.ask())

    def ensure(self, kind: Kind, value: Object) -> Object:
        """Creates an object where none of its name is; returns what there is."""
        metadata = value["metadata"]
        return self.get(kind, metadata.get("namespace", ""), metadata["name"]) or self.create(kind, value)

    def merge(self, kind: Kind, value: Object, patch: Object, subresource: str = "") -> Object:
        """Changes an object by a merge patch, through admission."""
        metadata = value["metadata"]
        return self.cluster.patch(
            self.resource(kind), metadata.get("namespace", ""), metadata["name"],
            lambda old: merge(old, patch), self.ask(), subresource=subresource,
        )  # fmt: skip

    def status(self, kind: Kind, value: Object, status: Object) -> Object:
        """Puts a status in the place of the old one; the same status writes nothing."""
        if value.get("status") == status:
            return value
        metadata = value["metadata"]
        return self.cluster.patch(
            self.resource(kind), metadata.get("namespace", ""), metadata["name"],
            lambda old: {**old, "status": status}, self.ask(), subresource="status",
        )  # fmt: skip

    def mark(self, kind: Kind, value: Object) -> Object:
        """Stores an object as it is, past admission and rules: for what only the system may write."""
        return self.cluster.writing.mark(self.resource(kind), value)

    def delete(self, kind: Kind, value: Object, policy: str = "Background") -> None:
        """Deletes an object; one that is gone is no fault."""
        metadata = value["metadata"]
        try:
            self.cluster.delete(
                self.resource(kind), metadata.get("namespace", ""), metadata["name"],
                {"propagationPolicy": policy}, self.ask(),
            )  # fmt: skip
        except ApiError as error:
            if error.code != 404:
                raise


def owner(value: Object) -> Object:
    """The reference to an object that controls another."""
    return {
        "apiVersion": value["apiVersion"], "kind": value["kind"], "name": value["metadata"]["name"],
        "uid": value["metadata"]["uid"], "controller": True, "blockOwnerDeletion": True,
    }  # fmt: skip


def owned_by(value: Object, owner: Object) -> bool:
    """Whether `owner` stands among an object's owners."""
    uid = owner["metadata"]["uid"]
    return any(one.get("uid") == uid for one in value["metadata"].get("ownerReferences") or ())
