"""Whether what a step made is still there and runs."""

from __future__ import annotations

import json
from typing import Any

from labs.steps.context import Context

_SETTLE = 60
"""Seconds that workloads have to come back, after a start of the node."""


def running(context: Context, step: str, namespace: str, *names: str) -> bool:
    """Whether objects (`deployment/name`) are all there, and the workloads among them run as declared."""
    for _ in range(_SETTLE):
        found = _get(context, step, namespace, *names)
        if len(found) < len(names):
            return False
        if all(_runs(one) for one in found):
            return True
        context.runner.pause(1)
    return False


def _get(context: Context, step: str, namespace: str, *names: str) -> list[Any]:
    arguments = ("-n", namespace, "-o", "json", "--ignore-not-found")
    out = context.kubectl(step).run("get", *names, *arguments, quiet=True)
    found = json.loads(out) if out.strip() else {"items": []}
    items: list[Any] = found.get("items", [found])
    return items


def _runs(workload: Any) -> bool:
    if workload["kind"] not in ("Deployment", "StatefulSet"):
        return True
    ready = (workload.get("status") or {}).get("readyReplicas") or 0
    return bool(ready >= workload["spec"].get("replicas", 1))
