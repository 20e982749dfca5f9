"""The events that Argo CD's controller leaves at an Application.

Source: A:controller/appcontroller.go (persistAppStatus, autoSync, setOperationState), A:util/argo/audit_logger.go.
"""

from __future__ import annotations

from typing import Any

from labs.cluster.simulated.api.ask import User
from labs.cluster.simulated.api.cluster import Cluster
from labs.cluster.simulated.controllers import events
from labs.cluster.simulated.controllers.client import Client

Object = dict[str, Any]


class Audit:
    """Writes events under the controller's name."""

    def __init__(self, cluster: Cluster, user: User) -> None:
        self.client = Client(cluster, user, "argocd-application-controller")

    def compared(self, application: Object, status: Object) -> None:
        """Tells what a new comparison changed."""
        old = application.get("status") or {}
        for what in ("sync", "health"):
            before, now = (one.get(what, {}).get("status", "") for one in (old, status))
            if before != now:
                self._tell(application, "Normal", "ResourceUpdated", f"Updated {what} status: {before} -> {now}")

    def started(self, application: Object, operation: Object) -> None:
        """Tells that automatic sync begins."""
        text = f"Initiated automated sync to '{operation['sync']['revision']}'"
        self._tell(application, "Normal", "OperationStarted", text)

    def ended(self, application: Object, state: Object) -> None:
        """Tells how an operation ended, where it did."""
        if state["phase"] == "Running":
            return
        good = state["phase"] == "Succeeded"
        said = "succeeded" if good else f"failed: {state['message']}"
        text = f"Sync operation to {state['syncResult']['revision']} {said}"
        self._tell(application, "Normal" if good else "Warning", "OperationCompleted", text)

    def _tell(self, application: Object, kind: str, reason: str, text: str) -> None:
        events.emit(self.client, application, kind, reason, text)
