"""Deployments and what stands between them and Pods: ReplicaSets, StatefulSets, DaemonSets, Jobs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from labs.cluster.simulated.api.clock import stamp
from labs.cluster.simulated.api.errors import ApiError
from labs.cluster.simulated.api.store import Change
from labs.cluster.simulated.controllers import events
from labs.cluster.simulated.controllers.client import POD, Client, Kind, owned_by, owner

Object = dict[str, Any]

KINDS: dict[str, Kind] = {
    "ReplicaSet": ("apps", "replicasets"),
    "StatefulSet": ("apps", "statefulsets"),
    "DaemonSet": ("apps", "daemonsets"),
    "Job": ("batch", "jobs"),
}
_LETTERS = "bcdfghjklmnpqrstvwxz2456789"


def template_hash(template: Object) -> str:
    """Ten letters that stand for a Pod template."""
    digest = hashlib.sha256(json.dumps(template, sort_keys=True).encode()).digest()
    return "".join(_LETTERS[byte % len(_LETTERS)] for byte in digest[:10])


def controlling(value: Object) -> tuple[str, str]:
    """Kind and name of the object that controls this one; empty where none does."""
    for one in value["metadata"].get("ownerReferences") or ():
        if one.get("controller"):
            return str(one["kind"]), str(one["name"])
    return "", ""


class Sets:
    """Keeps as many Pods as a set wants. The key is `Kind/namespace/name`."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def concerns(self, change: Change) -> Iterable[str]:
        for kind, resource in KINDS.items():
            if change.key.kind == resource and change.type != "DELETED":
                yield f"{kind}/{change.key.namespace}/{change.key.name}"
        if change.key.kind == POD:
            kind, name = controlling(change.object)
            if kind in KINDS:
                yield f"{kind}/{change.key.namespace}/{name}"

    def reconcile(self, key: str) -> float | None:
        kind, namespace, name = key.split("/")
        value = self.client.get(KINDS[kind], namespace, name)
        if value is None or value["metadata"].get("deletionTimestamp"):
            return None
        pods = [pod for pod in self.client.list(POD, namespace) if owned_by(pod, value)]
        alive = [pod for pod in pods if not pod["metadata"].get("deletionTimestamp")]
        wanted = _wanted(value)
        for pod in sorted(alive, key=lambda one: bool(_ready(one)))[: max(len(alive) - wanted, 0)]:
            self.client.delete(POD, pod)
        failure = self._fill(value, alive, wanted)
        self._report(value, kind, failure)
        return 5.0 if failure else None

    def _fill(self, value: Object, alive: list[Object], wanted: int) -> str:
        """Creates the missing Pods. Returns why that failed, or nothing."""
        taken = {pod["metadata"]["name"] for pod in alive}
        for index in range(wanted - len(alive)):
            try:
                self.client.create(POD, _pod(value, taken, index))
            except ApiError as error:
                events.emit(self.client, value, "Warning", "FailedCreate", f"Error creating: {error.message}")
                return error.message
        return ""

    def _report(self, value: Object, kind: str, failure: str) -> None:
        namespace = value["metadata"]["namespace"]
        pods = [pod for pod in self.client.list(POD, namespace) if owned_by(pod, value)]
        alive = [pod for pod in pods if not pod["metadata"].get("deletionTimestamp")]
        status = _status(value, kind, alive, stamp(self.client.cluster.clock))
        if failure:
            old = (value.get("status") or {}).get("conditions") or [{}]
            since = old[0].get("lastTransitionTime") if old[0].get("message") == failure else None
            status["conditions"] = [{
                "type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": failure,
                "lastTransitionTime": since or stamp(self.client.cluster.clock),
            }]  # fmt: skip
        self.client.status(KINDS[kind], value, status)


def _wanted(value: Object) -> int:
    spec = value["spec"]
    return int(spec.get("replicas", spec.get("completions", 1)))


def _pod(value: Object, taken: set[str], index: int) -> Object:
    template = value["spec"]["template"]
    name = value["metadata"]["name"]
    own = {key: item for key, item in (template.get("metadata") or {}).items() if key in ("labels", "annotations")}
    metadata: Object = {**own, "namespace": value["metadata"]["namespace"], "ownerReferences": [owner(value)]}
    if value["kind"] == "StatefulSet":
        metadata["name"] = next(n for n in (f"{name}-{i}" for i in range(len(taken) + index + 1)) if n not in taken)
        taken.add(metadata["name"])
    else:
        metadata["generateName"] = f"{name}-"
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]}


def _ready(pod: Object) -> bool:
    conditions = (pod.get("status") or {}).get("conditions") or ()
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)


def _status(value: Object, kind: str, pods: list[Object], time: str) -> Object:
    count, ready = len(pods), sum(map(_ready, pods))
    observed = {"observedGeneration": value["metadata"].get("generation", 1)}
    if kind == "Job":
        return _job_status(value, pods, time)
    if kind == "DaemonSet":
        names = ("currentNumberScheduled", "desiredNumberScheduled", "updatedNumberScheduled")
        counts = dict.fromkeys(names, count)
        return {**observed, **counts, "numberReady": ready, "numberAvailable": ready, "numberMisscheduled": 0}
    status: Object = {**observed, "replicas": count, "readyReplicas": ready, "availableReplicas": ready}
    if kind == "StatefulSet":
        revision = f"{value['metadata']['name']}-{template_hash(value['spec']['template'])}"
        return {
            **status, "currentReplicas": count, "updatedReplicas": count, "collisionCount": 0,
            "currentRevision": revision, "updateRevision": revision,
        }  # fmt: skip
    return {**status, "fullyLabeledReplicas": count}


def _job_status(value: Object, pods: list[Object], time: str) -> Object:
    done = sum((pod.get("status") or {}).get("phase") == "Succeeded" for pod in pods)
    old = value.get("status") or {}
    status = {"startTime": old.get("startTime", time), "active": len(pods) - done, "succeeded": done, "ready": 0}
    if done < _wanted(value):
        return status
    since = old.get("completionTime", time)
    complete = {"type": "Complete", "status": "True", "reason": "CompletionsReached", "lastProbeTime": since,
                "lastTransitionTime": since, "message": "Reached expected number of succeeded pods"}  # fmt: skip
    return {**status, "completionTime": since, "conditions": [complete]}
