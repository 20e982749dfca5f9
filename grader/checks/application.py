"""Argo CD's Applications as the cluster holds them: which covers a folder, and how it stands.

Fields by Argo CD 3.2 pkg/apis/application/v1alpha1/types.go.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from grader.checks.objects import dig, items, mapping, name, namespace, text
from grader.evidence.model import Cluster
from grader.text import clean, one_line

TRACKING = "argocd.argoproj.io/tracking-id"
_CONDITIONS = ("ComparisonError", "InvalidSpecError", "SyncError", "UnknownError", "DeletionError")


@dataclass(frozen=True, slots=True)
class Application:
    """One Application. `index` is the place of the source that covers the folder among several."""

    value: Any
    index: int | None = None

    @property
    def name(self) -> str:
        return one_line(name(self.value))

    @property
    def namespace(self) -> str:
        return one_line(namespace(self.value))

    @property
    def where(self) -> str:
        """`Application/namespace/name`."""
        return f"Application/{self.namespace}/{self.name}"

    @property
    def revision(self) -> str:
        """The commit that the last comparison was made with, or an empty string."""
        if self.index is None:
            return text(self.value, "status", "sync", "revision")
        several = items(self.value, "status", "sync", "revisions")
        found = several[self.index] if self.index < len(several) else ""
        return found if isinstance(found, str) else ""

    @property
    def status(self) -> str:
        """`Synced`, `OutOfSync`, `Unknown`, or empty before the first comparison."""
        return text(self.value, "status", "sync", "status")

    @property
    def phase(self) -> str:
        """How the last operation stands: `Running`, `Succeeded`, `Failed`, `Error`, or empty."""
        return text(self.value, "status", "operationState", "phase")

    @property
    def resources(self) -> list[Any]:
        """The objects that the Application manages."""
        return items(self.value, "status", "resources")

    @property
    def automated(self) -> bool:
        """Whether it syncs by itself."""
        found = dig(self.value, "spec", "syncPolicy", "automated")
        return isinstance(found, dict) and found.get("enabled") is not False

    @property
    def complaints(self) -> list[str]:
        """What its conditions say is wrong."""
        conditions = items(self.value, "status", "conditions")
        return [_said(one) for one in conditions if text(one, "type") in _CONDITIONS]

    @property
    def operation_says(self) -> str:
        """Why the last operation has not succeeded: the messages of single objects, else its own."""
        state = mapping(self.value, "status", "operationState")
        results = items(state, "syncResult", "resources")
        failed = [text(one, "message") for one in results if text(one, "status") == "SyncFailed"]
        return clean("; ".join(found for found in failed if found) or text(state, "message"), 1200)

    def holds(self, kind: str, wanted: str, group: str) -> Any | None:
        """The entry of `status.resources` for a cluster-wide object, or None."""
        return next((one for one in self.of_kind(kind, group) if text(one, "name") == wanted), None)

    def of_kind(self, kind: str, group: str) -> Iterator[Any]:
        """The entries of `status.resources` of one kind."""
        return (one for one in self.resources if text(one, "kind") == kind and text(one, "group") == group)

    def tracks(self, live: Any) -> bool:
        """Whether a live object's tracking id names this Application (`app:group/kind:namespace/name`).

        An Application outside Argo CD's own namespace is written `namespace_name`.
        """
        owner = text(live, "metadata", "annotations", TRACKING).partition(":")[0]
        return owner in (name(self.value), f"{namespace(self.value)}_{name(self.value)}")


def covering(cluster: Cluster, folder: str) -> list[Application]:
    """The Applications with a source at `folder`, or above it and recursing; the nearest first."""
    found = []
    for value in cluster.all("Application"):
        for index, source in _sources(value):
            distance = _distance(source, folder.strip("/"))
            if distance is not None:
                found.append((distance, Application(value, index)))
    return [application for _, application in sorted(found, key=lambda pair: (pair[0], pair[1].where))]


def _sources(value: Any) -> Iterator[tuple[int | None, Any]]:
    several = items(value, "spec", "sources")
    if several:
        yield from enumerate(several)
    else:
        yield None, mapping(value, "spec", "source")


def _distance(source: Any, folder: str) -> int | None:
    """How many folders the source lies above `folder`, or None where it does not cover it."""
    parts = [part for part in text(source, "path").split("/") if part not in ("", ".")]
    wanted = [part for part in folder.split("/") if part]
    if "path" not in mapping(source) or wanted[: len(parts)] != parts:
        return None
    depth = len(wanted) - len(parts)
    return depth if depth == 0 or dig(source, "directory", "recurse") is True else None


def _said(condition: Any) -> str:
    return f"{one_line(text(condition, 'type'), 40)}: {clean(text(condition, 'message'), 1000)}"
