"""Pods that start: scheduled, their images looked up, their containers said to run. Nothing is executed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from labs.cluster.simulated.api.clock import stamp
from labs.cluster.simulated.api.store import Change, Key
from labs.cluster.simulated.controllers import events
from labs.cluster.simulated.controllers.basics import NODE_NAME
from labs.cluster.simulated.controllers.client import POD, Client
from labs.cluster.simulated.images import Images

Object = dict[str, Any]

_DONE = ("Succeeded", "Failed")


class Pods:
    """Starts Pods and ends them. The key is `namespace/name`."""

    def __init__(self, client: Client, images: Images) -> None:
        self.client = client
        self.images = images

    def concerns(self, change: Change) -> Iterable[str]:
        if change.key.kind == POD and change.type != "DELETED":
            yield f"{change.key.namespace}/{change.key.name}"

    def reconcile(self, key: str) -> float | None:
        namespace, _, name = key.partition("/")
        value = self.client.get(POD, namespace, name)
        if value is None:
            return None
        if value["metadata"].get("deletionTimestamp"):
            if not value["metadata"].get("finalizers"):
                self.client.cluster.store.remove(Key(POD, namespace, name))
            return None
        if (value.get("status") or {}).get("phase") in _DONE:
            return None
        started = self._started(value)
        if started["status"] == value.get("status") and "nodeName" in value["spec"]:
            return None
        self.client.mark(POD, started)
        self._tell(value, started)
        return None

    def _started(self, value: Object) -> Object:
        time = stamp(self.client.cluster.clock)
        spec, old = value["spec"], value.get("status") or {}
        missing = [c["image"] for c in _containers(spec) if not self.images.exists(c["image"])]
        runs = not missing
        done = runs and _ends(value)
        since = old.get("startTime", time)
        status: Object = {
            "phase": "Succeeded" if done else "Running" if runs else "Pending",
            "conditions": _conditions(old, runs, done, time),
            "hostIP": "127.0.0.1", "startTime": since, "qosClass": old.get("qosClass", "BestEffort"),
            "containerStatuses": [self._container(c, since, done) for c in spec["containers"]],
        }  # fmt: skip
        for field in ("initContainers", "ephemeralContainers"):
            if spec.get(field):
                word = field.removesuffix("s") + "Statuses"
                status[word] = [self._container(c, since, field == "initContainers") for c in spec[field]]
        if runs:
            status["podIP"] = _address(value)
            status["podIPs"] = [{"ip": status["podIP"]}]
        return {**value, "spec": {**spec, "nodeName": spec.get("nodeName") or NODE_NAME}, "status": status}

    def _container(self, container: Object, since: str, done: bool) -> Object:
        image = container["image"]
        if not self.images.exists(image):
            why = f'Back-off pulling image "{image}": {self.images.problem(image)}'
            state: Object = {"waiting": {"reason": "ImagePullBackOff", "message": why}}
        elif done:
            ended = {"exitCode": 0, "reason": "Completed", "startedAt": since, "finishedAt": since}
            state = {"terminated": ended}
        else:
            state = {"running": {"startedAt": since}}
        running = "running" in state
        return {
            "name": container["name"], "image": image, "imageID": self.images.identity(image), "restartCount": 0,
            "ready": running or "terminated" in state, "started": running, "state": state, "lastState": {},
        }  # fmt: skip

    def _tell(self, old: Object, started: Object) -> None:
        if "nodeName" not in old["spec"]:
            place = f"{old['metadata']['namespace']}/{old['metadata']['name']}"
            events.emit(self.client, old, "Normal", "Scheduled", f"Successfully assigned {place} to {NODE_NAME}")
        for container in _containers(old["spec"]):
            image = container["image"]
            if self.images.exists(image):
                events.emit(
                    self.client, old, "Normal", "Pulled", f'Container image "{image}" already present on machine'
                )
                events.emit(self.client, old, "Normal", "Started", f"Started container {container['name']}")
            else:
                why = f'Failed to pull image "{image}": {self.images.problem(image)}'
                events.emit(self.client, old, "Warning", "Failed", why)


def _containers(spec: Object) -> list[Object]:
    return [*(spec.get("initContainers") or ()), *spec["containers"], *(spec.get("ephemeralContainers") or ())]


def _ends(value: Object) -> bool:
    """A Job's Pod runs to its end at once."""
    owners = value["metadata"].get("ownerReferences") or ()
    return any(one.get("kind") == "Job" for one in owners)


def _conditions(old: Object, runs: bool, done: bool, time: str) -> list[Object]:
    before = {one["type"]: one for one in old.get("conditions") or ()}
    ready = runs and not done
    wanted = {
        "PodReadyToStartContainers": True,
        "Initialized": runs,
        "Ready": ready,
        "ContainersReady": ready,
        "PodScheduled": True,
    }
    found = []
    for kind, good in wanted.items():
        status = "True" if good else "False"
        same = before.get(kind, {}).get("status") == status
        since = before[kind]["lastTransitionTime"] if same else time
        reason = {} if good else {"reason": "PodCompleted" if done else "ContainersNotReady"}
        found.append({"type": kind, "status": status, "lastProbeTime": None, "lastTransitionTime": since, **reason})
    return found


def _address(value: Object) -> str:
    number = int(hashlib.sha256(value["metadata"]["uid"].encode()).hexdigest()[:4], 16) % 250
    return f"10.244.0.{number + 4}"
