"""The web application: every request finds its handler here, every refusal becomes a Status."""

from __future__ import annotations

import logging
import weakref
from typing import Any

from aiohttp import web

from grader.errors import LabsError
from labs.cluster.simulated.api.ask import User
from labs.cluster.simulated.api.cluster import Cluster
from labs.cluster.simulated.api.errors import ApiError, method_not_allowed, no_such_path
from labs.cluster.simulated.server import auth, discovery, openapi, reviews, route, subresources, verbs
from labs.cluster.simulated.server.request import Request, read
from labs.cluster.simulated.server.table import partial, table
from labs.cluster.simulated.server.watching import Watch
from labs.cluster.simulated.server.wire import answer, decoded, wanted, warn

Object = dict[str, Any]

VERSION = {
    "major": "1", "minor": "35", "gitVersion": "v1.35.4+simulated", "gitCommit": "", "gitTreeState": "",
    "buildDate": "1970-01-01T00:00:00Z", "goVersion": "none", "compiler": "none", "platform": "simulated",
}  # fmt: skip
_OPENAPI_V2 = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"  # an empty document: it describes no kind
LARGEST = 3 << 20  # k8s.io/apiserver, MaxRequestBodyBytes

_VERBS = {
    "get": verbs.get,
    "list": verbs.list_objects,
    "create": verbs.create,
    "update": verbs.update,
    "patch": verbs.patch,
    "delete": verbs.delete,
    "deletecollection": verbs.delete_collection,
}
_log = logging.getLogger(__name__)


class Server:
    """The API of one cluster for the holder of one token."""

    def __init__(self, cluster: Cluster, token: str) -> None:
        self.cluster = cluster
        self.token = token
        self.watching: weakref.WeakSet[Any] = weakref.WeakSet()

    def app(self) -> web.Application:
        """The aiohttp application."""
        app = web.Application(client_max_size=LARGEST)
        app.router.add_route("*", "/{path:.*}", self.handle)
        app.on_shutdown.append(self._end_watches)
        return app

    async def _end_watches(self, _: web.Application) -> None:
        for watch in list(self.watching):
            watch.queue.put_nowait(None)

    async def handle(self, http: web.Request) -> web.StreamResponse:
        """Answers one request."""
        try:
            return await self._handle(http)
        except ApiError as error:
            return answer(error.status(), error.code)
        except web.HTTPRequestEntityTooLarge:
            limit = f"Request entity too large: limit is {LARGEST}"
            return answer(ApiError(413, "RequestEntityTooLarge", limit).status(), 413)
        except LabsError as error:
            return answer(ApiError(500, "InternalError", f"Internal error occurred: {error}").status(), 500)
        except (RecursionError, ValueError, TypeError, KeyError, AttributeError):
            _log.exception("%s %s", http.method, http.path)
            return answer(ApiError(500, "InternalError", "Internal error occurred: see the lab's log").status(), 500)

    async def _handle(self, http: web.Request) -> web.StreamResponse:
        plain = http.path.rstrip("/")
        if plain in ("/healthz", "/livez", "/readyz"):
            return web.Response(text="ok")
        if plain == "/version":
            return answer(VERSION)
        who = auth.user(http, self.token)
        found = route.parse(http.path)
        if found is None:
            return self._about(http)
        body = await http.read()
        if http.method == "POST" and (found.group, found.plural) in reviews.REVIEWS:
            review = reviews.answer(found.group, found.plural, decoded(body, http.content_type)[0], who)
            return answer(review or {}, 201)
        return await self._resource(http, found, who, body)

    async def _resource(self, http: web.Request, found: route.Route, who: User, body: bytes) -> web.StreamResponse:
        resource = self.cluster.catalogue.find(found.group, found.version, found.plural)
        if resource is None or (found.subresource and found.subresource not in resource.subresources):
            raise no_such_path()
        request = read(http, found, resource, who, body)
        auth.authorise(who, request.verb, found)
        if request.verb == "watch":
            watch = Watch(self.cluster, request)
            self.watching.add(watch)
            return await watch.run(http)
        if found.subresource == "log":
            return web.Response(text=subresources.log(self.cluster, request))
        if found.subresource in subresources.STREAMS:
            raise subresources.connect(self.cluster, request)
        response = self._answered(request)
        warn(response, request.ask.warnings)
        return response

    def _answered(self, request: Request) -> web.Response:
        known = _VERBS.get(request.verb)
        misplaced = request.verb == "create" and (request.route.name or _scattered(request))
        if known is None or misplaced or (request.route.subresource and request.verb == "delete"):
            raise method_not_allowed()
        try:
            doer = subresources.scale if request.route.subresource == "scale" else known
            value = doer(self.cluster, request)
        except ApiError as error:
            return answer(error.status(), error.code)
        return answer(self._formed(value, request), 201 if request.verb == "create" else 200)

    def _formed(self, value: Object, request: Request) -> Object:
        form = request.form.kind
        if not form or value.get("kind") in ("Status", "Scale"):
            return value
        many = "items" in value
        found, metadata = (value["items"], value["metadata"]) if many else ([value], {})
        if form == "Table":
            now, include = self.cluster.clock.now(), request.query.get("includeObject", "Metadata")
            metadata = metadata or {"resourceVersion": value["metadata"].get("resourceVersion", "")}
            return table(found, request.resource, now, include=include, metadata=metadata)
        if not many:
            return partial(value)
        kind = "PartialObjectMetadataList"
        return {
            "kind": kind,
            "apiVersion": "meta.k8s.io/v1",
            "metadata": metadata,
            "items": [partial(one) for one in found],
        }

    def _about(self, http: web.Request) -> web.Response:
        """What is served: discovery and OpenAPI."""
        catalogue, path = self.cluster.catalogue, http.path.rstrip("/")
        if path == "/openapi/v2":  # what kubectl asks of a kind that v3 does not describe
            return web.Response(body=b"", content_type=_OPENAPI_V2)
        if path in ("/api", "/apis"):
            form = wanted(http.headers.get("Accept", ""), (discovery.AGGREGATED,))
            if form.kind:
                content = f"application/json;g=apidiscovery.k8s.io;v={form.version or 'v2'};as={form.kind}"
                response = answer(discovery.aggregated(catalogue, path == "/api", form.version))
                response.headers["Content-Type"] = content
                return response
            return answer(discovery.versions() if path == "/api" else discovery.groups(catalogue))
        value = self._described(path)
        if value is None:
            raise no_such_path()
        return answer(value)

    def _described(self, path: str) -> Object | None:
        catalogue = self.cluster.catalogue
        first, _, rest = path.strip("/").partition("/")
        if path == "/openapi/v3":
            return openapi.index(catalogue)
        if path.startswith("/openapi/v3/"):
            return openapi.document(catalogue, path.removeprefix("/openapi/v3/"))
        if first == "apis" and "/" not in rest and rest in catalogue.groups():
            return {"kind": "APIGroup", "apiVersion": "v1", **discovery.group(rest, catalogue.groups()[rest])}
        group, _, version = rest.rpartition("/")
        return discovery.kinds(catalogue, group, version) if (first == "api") == (group == "") else None


def _scattered(request: Request) -> bool:
    """A creation of a namespaced object outside any namespace."""
    return request.resource.namespaced and not request.route.namespace
