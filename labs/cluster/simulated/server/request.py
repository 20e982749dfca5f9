"""One request to a resource: its route, its options, its body."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from labs.cluster.simulated.api.ask import Ask, User
from labs.cluster.simulated.api.errors import bad_request, invalid, not_supported
from labs.cluster.simulated.api.resource import Resource
from labs.cluster.simulated.server.route import Route
from labs.cluster.simulated.server.wire import Wanted, wanted

VALIDATION = ("Ignore", "Warn", "Strict")
_FORMS = ("Table", "PartialObjectMetadata", "PartialObjectMetadataList")


@dataclass(slots=True)
class Request:
    """What a handler needs. `form` is how the answer shall look."""

    route: Route
    resource: Resource
    verb: str
    query: Mapping[str, str]
    ask: Ask
    form: Wanted
    body: bytes = b""
    content_type: str = ""


def read(request: web.Request, route: Route, resource: Resource, who: User, body: bytes) -> Request:
    """A request's parts. Raises ApiError for options that the API does not know."""
    query = request.query
    verb = route.verb(request.method, query)
    ask = Ask(who, _manager(request), _dry_run(query), _validation(query))
    if resource.deprecation:
        ask.warnings.append(resource.deprecation)
    form = wanted(request.headers.get("Accept", ""), _FORMS)
    return Request(route, resource, verb, query, ask, form, body, request.headers.get("Content-Type", ""))


def _manager(request: web.Request) -> str:
    given = request.query.get("fieldManager")
    return given or request.headers.get("User-Agent", "").partition("/")[0] or "unknown"


def _dry_run(query: Mapping[str, str]) -> bool:
    given = query.get("dryRun", "")
    if given not in ("", "All"):
        cause = not_supported("dryRun", [given], ["All"])
        raise invalid("meta.k8s.io", "CreateOptions", "", [cause])
    return given == "All"


def _validation(query: Mapping[str, str]) -> str:
    given = query.get("fieldValidation", "") or "Warn"
    if given not in VALIDATION:
        raise invalid("meta.k8s.io", "CreateOptions", "", [not_supported("fieldValidation", given, VALIDATION)])
    return given


def number(query: Mapping[str, str], name: str) -> int | None:
    """A whole number among the options, or None. Raises ApiError 400."""
    given = query.get(name, "")
    if not given:
        return None
    if not given.isdecimal() or len(given) > 18:
        raise bad_request(f'strconv.ParseUint: parsing "{given[:40]}": invalid syntax')
    return int(given)
