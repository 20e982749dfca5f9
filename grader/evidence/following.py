"""A cluster's evidence kept current: every kind that a grading reads, followed by watches."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable

from grader.evidence import lab
from grader.evidence.cluster import Found, assembled, configurations, kept, server_version
from grader.evidence.dig import mapping, name, namespace, text
from grader.evidence.kinds import KINDS
from grader.evidence.model import Cluster, Json
from grader.kube import Kube, resource
from grader.kube.follower import Collection, Followed, Follower, Way

_CRD = "CustomResourceDefinition"
_UNSERVED_REST = 60.0
_JOIN = 1.0
ANSWERS = 5.0
"""Seconds after which a server that says nothing is away."""
_Place = tuple[str, str]


class Following:
    """Follows one API server from `start` to `stop`; `changed` is told from other threads."""

    def __init__(self, kube: Kube, changed: Callable[[], None]) -> None:
        self._kube = kube
        self._changed = changed
        self._version = ""
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._stopped = False
        self._served: dict[str, object] | None = None
        self._kinds = {kind: self._follower(kind) for kind in KINDS}
        self._maps: dict[_Place, Follower] = {}

    def start(self) -> None:
        """Begins. Raises EnvironmentFault where the server does not answer."""
        self._version = server_version(self._kube, ANSWERS)
        for kind, follower in self._kinds.items():
            self._run(follower, kind)
        self._follow_map((lab.NAMESPACE, lab.NAME))

    def stop(self) -> None:
        """Ends all that waits for the server, and the client with it; returns within a second."""
        with self._lock:
            self._stopped = True
            for follower in (*self._kinds.values(), *self._maps.values()):
                follower.stop()
        self._kube.interrupt()
        end = time.monotonic() + _JOIN
        for thread in self._threads:
            thread.join(max(end - time.monotonic(), 0.0))
        self._kube.close()

    @property
    def lost(self) -> bool:
        """Whether some collection got no answer at all."""
        return any(one.lost for one in self._all())

    @property
    def polled(self) -> str | None:
        """Why some collection is not watched but read again and again, or None."""
        return next((one.state.error for one in self._all() if one.way is Way.POLLED), None)

    def snapshot(self) -> Cluster | None:
        """The cluster as last heard; None until every kind was read once."""
        states = {kind: follower.state for kind, follower in self._kinds.items()}
        found = {kind: _found(state) for kind, state in states.items()}
        wanted = [(lab.NAMESPACE, lab.NAME), *configurations(found["Deployment"].objects)]
        for place in wanted:
            self._follow_map(place)
        maps = [follower.state for place, follower in list(self._maps.items()) if place in wanted]
        if any(state.way is Way.NEW for state in (*states.values(), *maps)):
            return None
        errors = [error for state in maps if (error := _error(state))]
        objects = tuple(one for state in maps for one in state.objects)
        found["ConfigMap"] = Found(objects, error=errors[0] if errors else None)
        return assembled(self._kube.server, self._version, found)

    def _all(self) -> list[Follower]:
        return [*self._kinds.values(), *list(self._maps.values())]

    def _follower(self, kind: str) -> Follower:
        wanted = KINDS[kind]
        versions = dict(zip(wanted.paths, wanted.versions, strict=True))
        collection = Collection(
            wanted.paths,
            metadata_only=wanted.metadata_only,
            shape=lambda found, path: kept(found, kind, versions[path]),
        )
        changed = self._definitions_changed if kind == _CRD else self._changed
        return Follower(self._kube, collection, changed, self._unserved_rest)

    def _unserved_rest(self) -> float | None:
        """A definition that appears wakes those who wait for it, where definitions are watched."""
        return None if self._kinds[_CRD].way is Way.WATCHED else _UNSERVED_REST

    def _definitions_changed(self) -> None:
        """Has each kind look again whose definition is new, other or gone."""
        served = {name(one): mapping(one, "metadata").get("generation") for one in self._kinds[_CRD].state.objects}
        before, self._served = self._served, served
        for kind, follower in self._kinds.items():
            definition = _definition(kind)
            if definition is None:
                continue
            late = before is None and definition in served and follower.way is Way.UNSERVED
            if late or (before is not None and before.get(definition, 0) != served.get(definition, 0)):
                follower.wake()
        self._changed()

    def _follow_map(self, place: _Place) -> None:
        with self._lock:
            if self._stopped or place in self._maps:
                return
            path = resource("v1", "configmaps", place[0])
            collection = Collection(
                (path,), f"metadata.name={place[1]}", shape=lambda found, _: kept(found, "ConfigMap", "v1")
            )
            self._maps[place] = Follower(self._kube, collection, self._changed, self._unserved_rest)
            self._run(self._maps[place], "ConfigMap")

    def _run(self, follower: Follower, title: str) -> None:
        thread = threading.Thread(target=follower.run, name=f"watch {title}", daemon=True)
        self._threads.append(thread)
        with contextlib.suppress(RuntimeError):
            thread.start()


def _definition(kind: str) -> str | None:
    """The name of the CustomResourceDefinition behind a kind, or None for one that Kubernetes brings along."""
    group, slash, _ = KINDS[kind].versions[0].partition("/")
    return f"{KINDS[kind].plural}.{group}" if slash and "." in group and not group.endswith(".k8s.io") else None


def _found(state: Followed) -> Found:
    objects = tuple(sorted(state.objects, key=_place))
    return Found(objects, state.way is not Way.UNSERVED, _error(state))


def _error(state: Followed) -> str | None:
    """Why a collection is not readable. While the server does not answer at all, what was known stands."""
    return state.error if state.way is Way.BROKEN and not (state.lost and state.known) else None


def _place(found: Json) -> tuple[str, str, str]:
    return namespace(found), name(found), text(found, "metadata", "uid")
