"""Deployments: a ReplicaSet for each template, the newest one scaled up, the others down."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from labs.cluster.simulated.api.clock import stamp
from labs.cluster.simulated.api.errors import ApiError
from labs.cluster.simulated.api.store import Change
from labs.cluster.simulated.controllers import events
from labs.cluster.simulated.controllers.client import DEPLOYMENT, REPLICA_SET, Client, owned_by, owner
from labs.cluster.simulated.controllers.workloads import controlling, template_hash

Object = dict[str, Any]

_HASH = "pod-template-hash"
_REVISION = "deployment.kubernetes.io/revision"


class Deployments:
    """Rolls Deployments out. The key is `namespace/name`."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def concerns(self, change: Change) -> Iterable[str]:
        if change.key.kind == DEPLOYMENT and change.type != "DELETED":
            yield f"{change.key.namespace}/{change.key.name}"
        if change.key.kind == REPLICA_SET:
            kind, name = controlling(change.object)
            if kind == "Deployment":
                yield f"{change.key.namespace}/{name}"

    def reconcile(self, key: str) -> float | None:
        namespace, _, name = key.partition("/")
        value = self.client.get(DEPLOYMENT, namespace, name)
        if value is None or value["metadata"].get("deletionTimestamp"):
            return None
        sets = [one for one in self.client.list(REPLICA_SET, namespace) if owned_by(one, value)]
        digest = template_hash(value["spec"]["template"])
        new = next((one for one in sets if one["metadata"]["labels"].get(_HASH) == digest), None)
        try:
            new = new or self._new_set(value, sets, digest)
        except ApiError as error:
            self._status(value, None, sets, error.message)
            return 5.0
        self._scale(value, new, [one for one in sets if one is not new])
        self._revise(value, new)
        self._status(value, new, sets, "")
        return None

    def _new_set(self, value: Object, sets: list[Object], digest: str) -> Object:
        spec, metadata = value["spec"], value["metadata"]
        template = spec["template"]
        labels = {**((template.get("metadata") or {}).get("labels") or {}), _HASH: digest}
        selector = {**spec["selector"], "matchLabels": {**(spec["selector"].get("matchLabels") or {}), _HASH: digest}}
        revision = str(max([0, *(_revision(one) for one in sets)]) + 1)
        made = {
            "apiVersion": "apps/v1", "kind": "ReplicaSet",
            "metadata": {
                "name": f"{metadata['name']}-{digest}", "namespace": metadata["namespace"], "labels": labels,
                "annotations": {_REVISION: revision}, "ownerReferences": [owner(value)],
            },
            "spec": {
                "replicas": spec["replicas"], "selector": selector,
                "template": {**template, "metadata": {**(template.get("metadata") or {}), "labels": labels}},
            },
        }  # fmt: skip
        text = f"Scaled up replica set {metadata['name']}-{digest} from 0 to {spec['replicas']}"
        stored = self.client.create(REPLICA_SET, made)
        events.emit(self.client, value, "Normal", "ScalingReplicaSet", text)
        return stored

    def _scale(self, value: Object, new: Object, old: list[Object]) -> None:
        wanted = value["spec"]["replicas"]
        if new["spec"]["replicas"] != wanted:
            self.client.merge(REPLICA_SET, new, {"spec": {"replicas": wanted}})
        if (new.get("status") or {}).get("readyReplicas", 0) >= wanted:
            for one in old:
                if one["spec"]["replicas"]:
                    self.client.merge(REPLICA_SET, one, {"spec": {"replicas": 0}})

    def _revise(self, value: Object, new: Object) -> None:
        revision = new["metadata"]["annotations"].get(_REVISION)
        if (value["metadata"].get("annotations") or {}).get(_REVISION) != revision:
            self.client.merge(DEPLOYMENT, value, {"metadata": {"annotations": {_REVISION: revision}}})

    def _status(self, value: Object, new: Object | None, sets: list[Object], failure: str) -> None:
        value = self.client.get(DEPLOYMENT, value["metadata"]["namespace"], value["metadata"]["name"]) or value
        everything = [
            *(one for one in sets if new is None or one["metadata"]["uid"] != new["metadata"]["uid"]),
            *([new] if new else []),
        ]
        counts = {
            name: sum(int((one.get("status") or {}).get(name) or 0) for one in everything)
            for name in ("replicas", "readyReplicas", "availableReplicas")
        }
        updated = int(((new or {}).get("status") or {}).get("replicas") or 0)
        wanted = value["spec"]["replicas"]
        status = {
            "observedGeneration": value["metadata"].get("generation", 1), **counts, "updatedReplicas": updated,
            "conditions": self._conditions(value, new, wanted, counts["availableReplicas"], updated, failure),
        }  # fmt: skip
        missing = wanted - counts["availableReplicas"]
        self.client.status(DEPLOYMENT, value, {**status, "unavailableReplicas": missing} if missing > 0 else status)

    def _conditions(
        self, value: Object, new: Object | None, wanted: int, available: int, updated: int, failure: str
    ) -> list[Object]:
        name = (new or {}).get("metadata", {}).get("name", "")
        enough = available >= wanted - (1 if wanted > 3 else 0)
        done = updated >= wanted and available >= wanted
        failed = failure or next((c["message"] for c in ((new or {}).get("status") or {}).get("conditions") or ()), "")
        texts = {
            "Available": (enough, "MinimumReplicasAvailable" if enough else "MinimumReplicasUnavailable",
                          f"Deployment {'has' if enough else 'does not have'} minimum availability."),
            "Progressing": (True, "NewReplicaSetAvailable" if done else "ReplicaSetUpdated",
                            f'ReplicaSet "{name}" ' + ("has successfully progressed." if done else "is progressing.")),
        }  # fmt: skip
        if failed:
            texts["ReplicaFailure"] = (True, "FailedCreate", failed)
        before = {one["type"]: one for one in (value.get("status") or {}).get("conditions") or ()}
        return [self._condition(before.get(kind), kind, *words) for kind, words in texts.items()]

    def _condition(self, old: Object | None, kind: str, good: bool, reason: str, message: str) -> Object:
        new = {"type": kind, "status": "True" if good else "False", "reason": reason, "message": message}
        if old and {key: old.get(key) for key in new} == new:
            return old
        time = stamp(self.client.cluster.clock)
        since = old["lastTransitionTime"] if old and old["status"] == new["status"] else time
        return {**new, "lastUpdateTime": time, "lastTransitionTime": since}


def _revision(value: Object) -> int:
    return int((value["metadata"].get("annotations") or {}).get(_REVISION) or 0)
