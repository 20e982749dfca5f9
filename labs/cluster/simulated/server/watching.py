"""Watches: the changes of a kind as a stream of JSON lines."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from aiohttp import web

from labs.cluster.simulated.api.cluster import Cluster, selected, view
from labs.cluster.simulated.api.errors import ApiError, expired
from labs.cluster.simulated.api.store import Change
from labs.cluster.simulated.server.request import Request, number
from labs.cluster.simulated.server.table import partial, table
from labs.cluster.simulated.server.wire import JSON, dumps, warn

Object = dict[str, Any]

LONGEST = 3600
_WAITING = 10_000  # changes that a slow client may leave unread
_BOOKMARK = 60.0


class Watch:
    """One client's watch. `start` raises ApiError before anything is sent; `run` sends until it ends."""

    def __init__(self, cluster: Cluster, request: Request) -> None:
        self.cluster = cluster
        self.request = request
        query = request.query
        self.fits = selected(request.resource, query.get("labelSelector", ""), query.get("fieldSelector", ""))
        if request.route.name:
            self.fits = _named(request.route.name, self.fits)
        self.bookmarks = query.get("allowWatchBookmarks") in ("true", "1")
        self.seconds = min(number(query, "timeoutSeconds") or LONGEST, LONGEST)
        self.queue: asyncio.Queue[Change | None] = asyncio.Queue()

    async def run(self, http: web.Request) -> web.StreamResponse:
        """Answers the request with events until the client goes, the time is up or the server ends."""
        response = web.StreamResponse(headers={"Content-Type": JSON})
        warn(response, self.request.ask.warnings)
        first = self._first()
        stop = self.cluster.store.subscribe(self._heard)
        try:
            await response.prepare(http)
            await response.write(b"".join(first))
            await self._follow(response)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            stop()
        return response

    def _heard(self, change: Change) -> None:
        if self.queue.qsize() < _WAITING:
            self.queue.put_nowait(change if self.queue.qsize() < _WAITING - 1 else None)

    async def _follow(self, response: web.StreamResponse) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + self.seconds
        while (left := until - loop.time()) > 0:
            try:
                change = await asyncio.wait_for(self.queue.get(), min(left, _BOOKMARK))
            except TimeoutError:
                if self.bookmarks:
                    await response.write(self._bookmark({}))
                continue
            if change is None:
                return
            if event := self._event(change):
                await response.write(event)

    def _first(self) -> list[bytes]:
        """What is sent at once: what there is, or what happened since the version that the client has."""
        query, store = self.request.query, self.cluster.store
        version = number(query, "resourceVersion")
        initial = query.get("sendInitialEvents") in ("true", "1")
        if initial or not version:
            found = self.cluster.list(self.request.resource, self.request.route.namespace)
            sent = [self._line("ADDED", one) for one in found if self.fits(one)]
            return [*sent, self._bookmark({"k8s.io/initial-events-end": "true"})] if initial else sent
        changes = store.since(version)
        if changes is None or version > store.version:
            return [self._error(expired(f"too old resource version: {version} ({store.version})"))]
        return [event for change in changes if (event := self._event(change))]

    def _error(self, error: ApiError) -> bytes:
        self.seconds = 0
        return dumps({"type": "ERROR", "object": error.status()})

    def _event(self, change: Change) -> bytes | None:
        if change.key.kind != self.request.resource.key:
            return None
        if self.request.route.namespace and change.key.namespace != self.request.route.namespace:
            return None
        before = change.old is not None and self.fits(change.old)
        now = change.type != "DELETED" and self.fits(change.object)
        kinds = {(False, True): "ADDED", (True, True): "MODIFIED", (True, False): "DELETED"}
        kind = kinds.get((before, now))
        return self._line(kind, change.object) if kind else None

    def _line(self, kind: str, value: Object) -> bytes:
        return dumps({"type": kind, "object": self._formed(view(value, self.request.resource))})

    def _formed(self, value: Object) -> Object:
        form, resource = self.request.form.kind, self.request.resource
        if form == "Table":
            include = self.request.query.get("includeObject", "Metadata")
            metadata = {"resourceVersion": value["metadata"]["resourceVersion"]}
            return table([value], resource, self.cluster.clock.now(), include=include, metadata=metadata)
        return partial(value) if form.startswith("Partial") else value

    def _bookmark(self, annotations: Object) -> bytes:
        resource = self.request.resource
        metadata: Object = {"resourceVersion": str(self.cluster.store.version), "creationTimestamp": None}
        if annotations:
            metadata["annotations"] = annotations
        value: Object = {"kind": resource.kind, "apiVersion": resource.api_version, "metadata": metadata}
        if self.request.form.kind == "Table":
            value = {
                "kind": "Table",
                "apiVersion": "meta.k8s.io/v1",
                "metadata": metadata,
                "columnDefinitions": [],
                "rows": [],
            }
        return dumps({"type": "BOOKMARK", "object": value})


def _named(name: str, fits: Callable[[Object], bool]) -> Callable[[Object], bool]:
    return lambda value: value["metadata"]["name"] == name and fits(value)
