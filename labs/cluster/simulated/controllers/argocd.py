"""Argo CD's application controller: refresh, compare, sync, retry, heal.

Source: A:controller/appcontroller.go (processAppRefreshQueueItem, autoSync, processRequestedAppOperation).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from labs.cluster.simulated.api.ask import controller
from labs.cluster.simulated.api.clock import parse, stamp
from labs.cluster.simulated.api.store import Change
from labs.cluster.simulated.argocd import state
from labs.cluster.simulated.argocd.audit import Audit
from labs.cluster.simulated.argocd.compare import TRACKING, Comparer, Key, Verdict
from labs.cluster.simulated.argocd.manifests import Rendered, render
from labs.cluster.simulated.argocd.source import SourceError, Sources
from labs.cluster.simulated.argocd.syncing import Attempt, attempt
from labs.cluster.simulated.controllers.client import CRD, Client, Kind

Object = dict[str, Any]

APPLICATION: Kind = ("argoproj.io", "applications")
STATEFUL_SET: Kind = ("apps", "statefulsets")
REFRESH = "argocd.argoproj.io/refresh"
FINALIZER = "resources-finalizer.argocd.argoproj.io"
HEAL_PAUSE = 2.0  # seconds between two healings of one application
AGAIN = (
    1.0  # seconds after which a comparison that failed is looked at again; a real lab's `timeout.reconciliation` is 5
)


@dataclass(frozen=True, slots=True)
class _Known:
    """The last comparison of an application: what was compared, and the verdict on each object."""

    subject: Object
    verdicts: Mapping[Key, Verdict]


class ArgoCD:
    """Keeps applications in step with their remotes. The key is `namespace/name`."""

    def __init__(self, client: Client, sources: Sources) -> None:
        self.client = client
        self.cluster = client.cluster
        self.sources = sources
        self.user = controller("argocd-application-controller", "argocd")
        self.audit = Audit(self.cluster, self.user)
        self._known: dict[str, _Known] = {}

    def concerns(self, change: Change) -> Iterable[str]:
        if change.key.kind == APPLICATION:
            if change.type != "DELETED" and _asked_for(change):
                yield f"{change.key.namespace}/{change.key.name}"
            return
        if change.key.kind in (CRD, STATEFUL_SET):
            yield from self.all()
            return
        identity = (change.object["metadata"].get("annotations") or {}).get(TRACKING, "")
        identity = identity or ((change.old or {}).get("metadata", {}).get("annotations") or {}).get(TRACKING, "")
        if identity:
            name = identity.partition(":")[0]
            yield from (key for key in self.all() if key.endswith(f"/{name}"))

    def all(self) -> list[str]:
        """The keys of all applications."""
        return [f"{a['metadata']['namespace']}/{a['metadata']['name']}" for a in self.client.list(APPLICATION)]

    def runs(self) -> bool:
        """Whether a replica of the application controller is ready."""
        return any(
            "argocd" in container.get("image", "") and int((one.get("status") or {}).get("readyReplicas") or 0) > 0
            for one in self.client.list(STATEFUL_SET)
            for container in one["spec"]["template"]["spec"].get("containers") or ()
        )

    def reconcile(self, key: str) -> float | None:
        namespace, _, name = key.partition("/")
        application = self.client.get(APPLICATION, namespace, name)
        if application is None or not self.runs():
            return None
        if application["metadata"].get("deletionTimestamp"):
            self._end(application)
            return None
        if (application.get("metadata", {}).get("annotations") or {}).get(REFRESH):
            self._known.pop(key, None)
            application = self.client.merge(APPLICATION, application, {"metadata": {"annotations": {REFRESH: None}}})
        found = self._compared(application)
        application = self._saved(application, found)
        return self._operate(application, found)

    def _compared(self, application: Object) -> state.Comparison:
        """The comparison of the newest commit with the cluster."""
        source = application["spec"].get("source") or {}
        comparer = Comparer(self.cluster, self.user, application)
        before = ((application.get("status") or {}).get("sync") or {}).get("revision", "")
        url, revision = source.get("repoURL", ""), source.get("targetRevision") or "HEAD"
        try:
            commit, files = self.sources.read(url, revision, source.get("path") or ".")
        except SourceError as error:
            return state.Comparison(
                before, comparer.managed(), (("ComparisonError", _target_error(error)),), broken=True
            )
        try:
            rendered = render(files, source.get("path") or ".")
        except SourceError as error:
            return state.Comparison(
                commit, comparer.managed(), (("ComparisonError", _target_error(error)),), broken=True
            )
        return self._judged(application, commit, rendered)

    def _judged(self, application: Object, commit: str, rendered: Rendered) -> state.Comparison:
        metadata, spec = application["metadata"], application["spec"]
        key, subject = f"{metadata['namespace']}/{metadata['name']}", {**spec, "commit": commit}
        known = self._known.get(key)
        usable = known.verdicts if known and known.subject == subject else None
        comparer = Comparer(self.cluster, self.user, application, usable)
        targets, twice = comparer.targets(rendered.objects)
        items, error = comparer.compare(targets)
        self._known[key] = _Known(subject, comparer.verdicts)
        notes = [
            ("RepeatedResourceWarning", f"Resource {one} appeared 2 times among application resources.")
            for one in twice
        ]
        notes += [("ComparisonError", error)] if error else []
        return state.Comparison(commit, items, tuple(notes), rendered.kind, broken=bool(error))

    def _saved(self, application: Object, found: state.Comparison) -> Object:
        status = state.compared(application, found, stamp(self.cluster.clock))
        self.audit.compared(application, status)
        return self._write(application, status)

    def _write(self, application: Object, status: Object, **more: Any) -> Object:
        """Stores a status: Application has no status subresource."""
        resource = self.client.resource(APPLICATION)
        place = application["metadata"]["namespace"], application["metadata"]["name"]
        return self.cluster.patch(
            resource, *place, lambda old: {k: v for k, v in {**old, "status": status, **more}.items() if v is not None},
            self.client.ask(),
        )  # fmt: skip

    def _operate(self, application: Object, found: state.Comparison) -> float | None:
        """Begins, goes on with or repeats an operation where one is due. Returns when to look again."""
        status = application["status"]
        running = status.get("operationState") or {}
        if running.get("phase") == "Running" and running.get("finishedAt"):
            left = self._until_retry(running)
            return left if left > 0 else self._attempt(application, found, running)
        asked = application.get("operation")
        if asked:
            return self._attempt(application, found, state.begun(asked, stamp(self.cluster.clock)))
        operation, pause = state.automatic(application, found, self.cluster.clock.now(), HEAL_PAUSE)
        if operation is None:
            return AGAIN if found.broken and found.kind else pause
        self.audit.started(application, operation)
        return self._attempt(application, found, state.begun(operation, stamp(self.cluster.clock)))

    def _until_retry(self, running: Object) -> float:
        due = parse(running["finishedAt"]) + timedelta(seconds=state.backoff(running))
        return (due - self.cluster.clock.now()).total_seconds()

    def _attempt(self, application: Object, found: state.Comparison, running: Object) -> float | None:
        sync = running["operation"].get("sync") or {}
        options = sync.get("syncOptions") or ()
        namespace = application["spec"]["destination"].get("namespace") or "default"
        if found.broken:
            message = next((text for kind, text in found.conditions if kind == "ComparisonError"), "")
            done = Attempt("Error", f"ComparisonError: {message}", [])
        else:
            done = attempt(
                self.cluster, self.user, list(found.items), namespace, prune=bool(sync.get("prune")),
                tolerant="SkipDryRunOnMissingResource=true" in options,
            )  # fmt: skip
        time = stamp(self.cluster.clock)
        ended = state.ended(running, done, found.revision, application["spec"]["source"], time)
        fresh = self.client.get(APPLICATION, application["metadata"]["namespace"], application["metadata"]["name"])
        status = {**((fresh or application).get("status") or {}), "operationState": ended}
        if ended["phase"] == "Succeeded":
            status["history"] = state.history(status, ended, found.revision, application["spec"]["source"])
        application = self._write(fresh or application, status, operation=None)
        self.audit.ended(application, ended)
        again = self._compared(application)
        self._saved(application, again)
        if ended["phase"] == "Running":
            return state.backoff(ended)
        return AGAIN if again.broken and again.kind else None

    def _end(self, application: Object) -> None:
        """An application that is deleted takes its objects along where its finalizer says so."""
        finalizers = application["metadata"].get("finalizers") or []
        if FINALIZER not in finalizers:
            return
        for item in Comparer(self.cluster, self.user, application).managed():
            if item.live and item.resource:
                self.client.delete(item.resource.key, item.live)
        rest = [one for one in finalizers if one != FINALIZER]
        self.client.merge(APPLICATION, application, {"metadata": {"finalizers": rest or None}})


def _target_error(error: SourceError) -> str:
    return f"Failed to load target state: failed to generate manifest for source 1 of 1: {error}"


def _asked_for(change: Change) -> bool:
    """Whether a change of an application is somebody's wish, and not the controller's own note."""
    old, new = change.old, change.object
    if old is None or old.get("spec") != new.get("spec") or new.get("operation"):
        return True
    if REFRESH in (new["metadata"].get("annotations") or {}):
        return True
    return _wishes(old["metadata"]) != _wishes(new["metadata"])


def _wishes(metadata: Object) -> Object:
    """What people write into an Application's metadata; taking the mark of a refresh away is the controller's own."""
    kept = {
        key: item for key, item in metadata.items() if key not in ("managedFields", "resourceVersion", "generation")
    }
    annotations = {key: text for key, text in (kept.pop("annotations", None) or {}).items() if key != REFRESH}
    return {**kept, "annotations": annotations}
