"""The status of an Application: comparison, operation, history.

Source: A:pkg/apis/application/v1alpha1/types.go, A:controller/{appcontroller,state,sync}.go.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from labs.cluster.simulated.api.clock import parse
from labs.cluster.simulated.argocd import health
from labs.cluster.simulated.argocd.compare import Item
from labs.cluster.simulated.argocd.syncing import Attempt

Object = dict[str, Any]

_HISTORY = 10
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comparison: at `revision`, with conditions (type, message). `broken`: nothing can be said of the objects.

    `kind` is how the objects were made; empty where they could not be made at all.
    """

    revision: str
    items: Sequence[Item]
    conditions: Sequence[tuple[str, str]] = ()
    kind: str = ""
    broken: bool = False

    @property
    def status(self) -> str:
        """Synced, OutOfSync or Unknown."""
        if self.broken:
            return "Unknown"
        return "Synced" if all(item.synced for item in self.items) else "OutOfSync"


def compared(application: Object, found: Comparison, time: str) -> Object:
    """The status with a new comparison in it."""
    old = application.get("status") or {}
    spec = application["spec"]
    to = {"destination": spec["destination"], "source": spec.get("source") or {}}
    status = {
        **old,
        "controllerNamespace": application["metadata"]["namespace"], "resourceHealthSource": "appTree",
        "sourceHydrator": {}, "summary": old.get("summary") or {}, "reconciledAt": time,
        "health": _health(old, found, time),
        "sync": {"comparedTo": to, "revision": found.revision, "status": found.status},
        "resources": [_resource(item, found.broken) for item in sorted(found.items, key=lambda item: item.key)],
        "conditions": _conditions(old, found, time),
    }  # fmt: skip
    if found.kind:
        status["sourceType"] = found.kind
    return {key: value for key, value in status.items() if value not in (None, []) or key == "resources"}


def _health(old: Object, found: Comparison, time: str) -> Object:
    now = health.worst(
        "Missing" if item.live is None else health.of_object(item.live) for item in found.items if item.target
    )
    before = old.get("health") or {}
    if found.broken and not found.kind and before:
        return dict(before)
    since = before.get("lastTransitionTime", time) if before.get("status") == now else time
    return {"status": now, "lastTransitionTime": since}


def _resource(item: Item, broken: bool) -> Object:
    group, kind, namespace, name = item.key
    status = "Unknown" if broken else "Synced" if item.synced else "OutOfSync"
    found: Object = {"kind": kind, "name": name, "version": item.version, "status": status}
    found |= {key: value for key, value in (("group", group), ("namespace", namespace)) if value}
    return {**found, "requiresPruning": True} if item.prunes and not broken else found


def _conditions(old: Object, found: Comparison, time: str) -> list[Object]:
    before = {(one["type"], one["message"]): one.get("lastTransitionTime", time) for one in old.get("conditions") or ()}
    return [
        {"type": kind, "message": message, "lastTransitionTime": before.get((kind, message), time)}
        for kind, message in found.conditions
    ]


def automatic(
    application: Object, found: Comparison, now: datetime, pause: float
) -> tuple[Object | None, float | None]:
    """The operation that automatic sync begins, or None; and the seconds after which to think again."""
    policy = application["spec"].get("syncPolicy") or {}
    automated = policy.get("automated")
    if not isinstance(automated, dict) or automated.get("enabled") is False or found.status != "OutOfSync":
        return None, None
    if not automated.get("prune") and all(item.synced or item.prunes for item in found.items):
        return None, None
    last = (application.get("status") or {}).get("operationState") or {}
    tried = ((last.get("operation") or {}).get("sync") or {}).get("revision") == found.revision
    if tried and last.get("phase") != "Succeeded":
        return None, None
    if tried and not automated.get("selfHeal"):
        return None, None
    if tried and last.get("finishedAt"):
        since = (now - parse(last["finishedAt"])).total_seconds()
        if since < pause:
            return None, pause - since
    if automated.get("prune") and not automated.get("allowEmpty") and all(item.prunes for item in found.items):
        return None, None
    sync: Object = {
        "revision": found.revision,
        "prune": bool(automated.get("prune")),
        "source": application["spec"]["source"],
    }
    if policy.get("syncOptions"):
        sync["syncOptions"] = policy["syncOptions"]
    return {"initiatedBy": {"automated": True}, "retry": policy.get("retry") or {"limit": 5}, "sync": sync}, None


def begun(operation: Object, time: str) -> Object:
    """The state of an operation that begins."""
    return {"operation": operation, "phase": "Running", "startedAt": time}


def ended(running: Object, done: Attempt, revision: str, source: Object, time: str) -> Object:
    """The state of an operation after an attempt: over, or waiting for the next one."""
    operation = running["operation"]
    sync = {**(operation.get("sync") or {}), "revision": revision}
    retry = operation.get("retry") or {}
    count = int(running.get("retryCount") or 0)
    result = {"resources": done.resources, "revision": revision, "source": source}
    state = {
        **running, "operation": {**operation, "sync": sync}, "phase": done.phase, "message": done.message,
        "finishedAt": time, "syncResult": result,
    }  # fmt: skip
    limit = int(retry.get("limit") or 0)
    if done.phase == "Succeeded":
        return state
    if limit < 0 or count < limit:
        state |= {"phase": "Running", "retryCount": count + 1}
        due = datetime.fromtimestamp(parse(time).timestamp() + backoff(state, count), tz=parse(time).tzinfo)
        text = due.strftime("%I:%M%p").lstrip("0")
        state["message"] = f"{done.message}. Retrying attempt #{count + 1} at {text}."
    elif count:
        state["message"] = f"{done.message} (retried {count} times)."
    return state


def backoff(running: Object, count: int | None = None) -> float:
    """The seconds before the next attempt (RetryStrategy.NextRetryAt)."""
    given = ((running.get("operation") or {}).get("retry") or {}).get("backoff") or {}
    number = max(int(running.get("retryCount") or 1) - 1, 0) if count is None else count
    first, most = _seconds(given.get("duration"), 5.0), _seconds(given.get("maxDuration"), 180.0)
    return float(min(first * int(given.get("factor") or 2) ** min(number, 30), most))


def _seconds(text: Any, default: float) -> float:
    if not isinstance(text, str) or not text:
        return default
    unit = _UNITS.get(text[-1], 1.0)
    number = text[:-1] if text[-1] in _UNITS else text
    return float(number) * unit if number.replace(".", "", 1).isdecimal() else default


def history(status: Object, done: Object, revision: str, source: Object) -> list[Object]:
    """The history with one more deployment; the last ten are kept."""
    old = list(status.get("history") or ())
    number = max((int(one.get("id", -1)) for one in old), default=-1) + 1
    entry = {
        "id": number, "revision": revision, "source": source, "deployStartedAt": done["startedAt"],
        "deployedAt": done["finishedAt"], "initiatedBy": done["operation"].get("initiatedBy") or {},
    }  # fmt: skip
    return [*old, entry][-_HISTORY:]
