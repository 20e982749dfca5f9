"""Crossplane's package manager: a Provider becomes a revision, a revision a Deployment.

Source: crossplane v1.15.0 internal/controller/pkg/{manager,revision}. Only packages of the lab's registry can
be fetched; what lies inside a package (its kinds) is not installed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from labs.cluster.simulated.api.ask import controller
from labs.cluster.simulated.api.clock import stamp
from labs.cluster.simulated.api.errors import ApiError
from labs.cluster.simulated.api.store import Change
from labs.cluster.simulated.controllers import events
from labs.cluster.simulated.controllers.client import DEPLOYMENT, SERVICE_ACCOUNT, Client, Kind, owner
from labs.cluster.simulated.controllers.workloads import controlling
from labs.cluster.simulated.images import Images, split

Object = dict[str, Any]

PROVIDER: Kind = ("pkg.crossplane.io", "providers")
REVISION: Kind = ("pkg.crossplane.io", "providerrevisions")
_PARENT = "pkg.crossplane.io/package"
_RETRY = 5.0


class Crossplane:
    """Installs providers. The key is the name of a Provider."""

    def __init__(self, client: Client, images: Images) -> None:
        self.client = client
        self.images = images
        self.own = Client(client.cluster, controller("crossplane", "crossplane-system"), "crossplane")

    def concerns(self, change: Change) -> Iterable[str]:
        if change.key.kind == PROVIDER and change.type != "DELETED":
            yield change.key.name
        elif change.key.kind == REVISION:
            yield str((change.object["metadata"].get("labels") or {}).get(_PARENT, ""))
        elif change.key.kind == DEPLOYMENT:
            kind, name = controlling(change.object)
            found = self.client.get(REVISION, "", name) if kind == "ProviderRevision" else None
            if found:
                yield str((found["metadata"].get("labels") or {}).get(_PARENT, ""))
            if not kind and _is_crossplane(change.object):
                yield from (one["metadata"]["name"] for one in self.client.list(PROVIDER))

    def namespace(self) -> str | None:
        """Where Crossplane runs, or None where none of its replicas is available."""
        for one in self.client.list(DEPLOYMENT):
            if _is_crossplane(one) and int((one.get("status") or {}).get("availableReplicas") or 0):
                return str(one["metadata"]["namespace"])
        return None

    def reconcile(self, key: str) -> float | None:
        provider, namespace = self.client.get(PROVIDER, "", key), self.namespace()
        if provider is None or namespace is None or provider["metadata"].get("deletionTimestamp"):
            return None
        package = provider["spec"].get("package", "")
        entry = self.images.entry(package)
        if not entry or not split(package)[0].partition("/")[2].startswith("chainguard/provider-"):
            why = "cannot unpack package: failed to fetch package digest from remote: "
            why += f"simulated: {package} is no package of the lab's registry"
            self._say(PROVIDER, provider, {"Installed": ("False", "UnpackingPackage", why)})
            self._tell(provider, "Warning", "UnpackPackage", why)
            return None
        revision = self._revision(provider, str(entry["digest"]))
        health = self._deployed(revision, namespace)
        healthy = health[0] == "True"
        if not healthy or not _healthy(revision):
            done = ("Normal", "SyncPackage", "Successfully configured package revision")
            self._tell(revision, *(done if healthy else ("Warning", "SyncPackage", health[2])))
        self._say(REVISION, revision, {"Healthy": health})
        if not healthy or not _healthy(provider):
            done = ("Normal", "InstallPackageRevision", "Successfully installed package revision")
            unhealthy = ("Warning", "InstallPackageRevision", "current package revision is unhealthy")
            self._tell(provider, *(done if healthy else unhealthy))
        active = ("True", "ActivePackageRevision", "")
        more = {"currentRevision": revision["metadata"]["name"], "currentIdentifier": package}
        self._say(PROVIDER, provider, {"Healthy": health, "Installed": active}, more)
        return None if healthy else _RETRY

    def _revision(self, provider: Object, digest: str) -> Object:
        name = f"{provider['metadata']['name'][:50]}-{digest.removeprefix('sha256:')[:12]}"
        metadata = {
            "name": name, "labels": {_PARENT: provider["metadata"]["name"]}, "ownerReferences": [owner(provider)],
        }  # fmt: skip
        spec = {"desiredState": "Active", "image": provider["spec"]["package"], "revision": 1}
        for old in self.client.list(REVISION):
            labels = old["metadata"].get("labels") or {}
            if labels.get(_PARENT) == provider["metadata"]["name"] and old["metadata"]["name"] != name:
                self.client.delete(REVISION, old)
        return self.client.ensure(REVISION, {"metadata": metadata, "spec": spec})

    def _deployed(self, revision: Object, namespace: str) -> tuple[str, str, str]:
        """Status, reason and message of the condition Healthy."""
        name = revision["metadata"]["name"]
        hook = "post establish runtime hook failed for package: "
        found = self.client.get(DEPLOYMENT, namespace, name)
        if found is None:
            try:
                place = {"name": name, "namespace": namespace, "ownerReferences": [owner(revision)]}
                self.own.ensure(SERVICE_ACCOUNT, {"metadata": place})
                found = self.own.create(DEPLOYMENT, _deployment(revision, namespace))
            except ApiError as error:
                why = f"{hook}cannot apply provider package deployment: cannot create object: {error.message}"
                return "False", "UnhealthyPackageRevision", why
        for condition in (found.get("status") or {}).get("conditions") or ():
            if condition["type"] == "Available" and condition["status"] == "True":
                return "True", "HealthyPackageRevision", ""
            if condition["type"] == "Available":
                why = f"{hook}provider package deployment is unavailable with message: {condition['message']}"
                return "False", "UnhealthyPackageRevision", why
        why = f'{hook}provider package deployment has no condition of type "Available" yet'
        return "False", "UnhealthyPackageRevision", why

    def _tell(self, about: Object, kind: str, reason: str, message: str) -> None:
        """Writes an Event as the controller of that kind of package does."""
        source = f"packages/{about['kind'].lower()}.pkg.crossplane.io"
        events.emit(Client(self.client.cluster, self.client.user, source), about, kind, reason, message)

    def _say(
        self, kind: Kind, value: Object, conditions: dict[str, tuple[str, str, str]], more: Object | None = None
    ) -> None:
        fresh = self.client.get(kind, "", value["metadata"]["name"]) or value
        before = {one["type"]: one for one in (fresh.get("status") or {}).get("conditions") or ()}
        time = stamp(self.client.cluster.clock)
        found = []
        for name, (status, reason, message) in conditions.items():
            old = before.get(name, {})
            since = old["lastTransitionTime"] if old.get("status") == status else time
            one = {"type": name, "status": status, "reason": reason, "lastTransitionTime": since}
            found.append({**one, "message": message} if message else one)
        self.client.status(kind, fresh, {**(fresh.get("status") or {}), **(more or {}), "conditions": found})


def _is_crossplane(deployment: Object) -> bool:
    containers = deployment["spec"]["template"]["spec"].get("containers") or ()
    return any(
        split(one.get("image", ""))[0].endswith("/crossplane") and "core" in (one.get("args") or ())
        for one in containers
    )


def _healthy(value: Object) -> bool:
    conditions = (value.get("status") or {}).get("conditions") or ()
    return any(one["type"] == "Healthy" and one["status"] == "True" for one in conditions)


def _deployment(revision: Object, namespace: str) -> Object:
    """What runs a package (internal/controller/pkg/revision/runtime.go), without the certificates of its webhooks."""
    name, image = revision["metadata"]["name"], revision["spec"]["image"]
    selector = {"pkg.crossplane.io/revision": name, "pkg.crossplane.io/provider": split(image)[0].rpartition("/")[2]}
    who = {"runAsNonRoot": True, "runAsUser": 2000, "runAsGroup": 2000}
    place = {"fieldRef": {"fieldPath": "metadata.namespace"}}
    container = {
        "name": "package-runtime",
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "env": [{"name": "POD_NAMESPACE", "valueFrom": place}],
        "ports": [{"containerPort": 8080, "name": "metrics"}, {"containerPort": 9443, "name": "webhook"}],
        "securityContext": {**who, "allowPrivilegeEscalation": False, "privileged": False},
    }
    return {
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace, "ownerReferences": [owner(revision)]},
        "spec": {
            "replicas": 1, "selector": {"matchLabels": selector},
            "template": {
                "metadata": {"labels": selector},
                "spec": {"serviceAccountName": name, "securityContext": who, "containers": [container]},
            },
        },
    }  # fmt: skip
