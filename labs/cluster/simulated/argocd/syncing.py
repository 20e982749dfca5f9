"""One attempt of a sync operation: prune, then apply, and what came of each object.

Source: G:pkg/sync/sync_context.go (Sync, runTasks, setOperationFailed), G:pkg/utils/kube/kube.go (cleanKubectlOutput).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from labs.cluster.simulated.api.ask import Ask, User
from labs.cluster.simulated.api.cluster import Cluster
from labs.cluster.simulated.api.errors import ApiError
from labs.cluster.simulated.argocd.applying import apply
from labs.cluster.simulated.argocd.compare import MANAGER, Item

Object = dict[str, Any]

_FIRST = ("Namespace", "ServiceAccount", "Secret", "ConfigMap", "CustomResourceDefinition")
_WAVE = "argocd.argoproj.io/sync-wave"


@dataclass(frozen=True, slots=True)
class Attempt:
    """How an attempt ended: `phase` Succeeded or Failed, the message, and a result for each object."""

    phase: str
    message: str
    resources: list[Object]


def attempt(cluster: Cluster, user: User, items: list[Item], namespace: str, *, prune: bool, tolerant: bool) -> Attempt:
    """Applies everything. `tolerant`: a kind that is not served is tried all the same (SkipDryRunOnMissingResource)."""
    wanted = sorted((item for item in items if item.target), key=_order)
    missing = [item for item in wanted if item.resource is None]
    if missing and not tolerant:
        results = [_result(item, namespace, "SyncFailed", "Failed", _not_served(item)) for item in missing]
        return Attempt("Failed", "one or more synchronization tasks are not valid", results)
    nameless = [item for item in wanted if not item.key[3]]
    if nameless:
        results = [
            _result(one, namespace, "SyncFailed", "Failed", "resource name may not be empty") for one in nameless
        ]
        return Attempt("Failed", "one or more objects failed to apply (dry run)", results)
    results = [_pruned(cluster, user, item, namespace, prune) for item in items if item.prunes]
    results += [_applied(cluster, user, item, namespace) for item in wanted]
    failed = [one["message"] for one in results if one["status"] == "SyncFailed"]
    if failed:
        return Attempt("Failed", f"one or more objects failed to apply, reason: {','.join(failed)}", results)
    message = "successfully synced (all tasks run)" if results else "successfully synced (no more tasks)"
    return Attempt("Succeeded", message, results)


def _order(item: Item) -> tuple[int, int, str]:
    kind = item.key[1]
    annotations = ((item.target or {})["metadata"].get("annotations")) or {}
    wave = str(annotations.get(_WAVE, "0"))
    rank = _FIRST.index(kind) if kind in _FIRST else len(_FIRST)
    return (int(wave) if wave.lstrip("-").isdecimal() else 0), rank, item.key[3]


def _result(item: Item, namespace: str, status: str, phase: str, message: str) -> Object:
    group, kind, place, name = item.key
    return {
        "group": group, "version": item.version, "kind": kind, "namespace": place or namespace, "name": name,
        "status": status, "message": message, "hookPhase": phase, "syncPhase": "Sync",
    }  # fmt: skip


def _not_served(item: Item) -> str:
    group, kind, _, name = item.key
    version = f"{group}/{item.version}" if group else item.version
    return (
        f'resource mapping not found for name: "{name}" namespace: "" from "/dev/shm/manifest": '
        f'no matches for kind "{kind}" in version "{version}"\nensure CRDs are installed first'
    )


def _pruned(cluster: Cluster, user: User, item: Item, namespace: str, prune: bool) -> Object:
    if not prune or item.resource is None:
        return _result(item, namespace, "PruneSkipped", "Succeeded", "ignored (requires pruning)")
    options = {"propagationPolicy": "Foreground"}
    try:
        cluster.delete(item.resource, item.key[2], item.key[3], options, Ask(user, MANAGER))
    except ApiError as error:
        if error.code != 404:
            return _result(item, namespace, "SyncFailed", "Failed", error.message)
    return _result(item, namespace, "Pruned", "Succeeded", "pruned")


def _applied(cluster: Cluster, user: User, item: Item, namespace: str) -> Object:
    resource = item.resource or cluster.catalogue.of_kind((item.target or {})["apiVersion"], item.key[1])
    if resource is None:
        return _result(item, namespace, "SyncFailed", "Failed", _not_served(item))
    try:
        words = apply(cluster, resource, item.target or {}, Ask(user, MANAGER))
    except ApiError as error:
        prefix = 'error when patching "/dev/shm/manifest": ' if item.live else ""
        return _result(item, namespace, "SyncFailed", "Failed", prefix + error.message)
    return _result(item, namespace, "Synced", "Running", words)
