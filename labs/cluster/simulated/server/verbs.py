"""The verbs of one kind: get, list, create, update, patch, apply, delete."""

from __future__ import annotations

import base64
import json
from typing import Any

from labs.cluster.simulated.api import patches, strategic
from labs.cluster.simulated.api.cluster import Cluster
from labs.cluster.simulated.api.decode import go_found
from labs.cluster.simulated.api.errors import bad_request, expired, invalid, method_not_allowed, required
from labs.cluster.simulated.api.errors import unsupported_media_type as unsupported
from labs.cluster.simulated.api.validation import type_name
from labs.cluster.simulated.server import protobuf
from labs.cluster.simulated.server.request import Request, number
from labs.cluster.simulated.server.wire import PATCHES, YAML, decoded

Object = dict[str, Any]

JSON_PATCH, MERGE, STRATEGIC, APPLY = PATCHES


def get(cluster: Cluster, request: Request) -> Object:
    """One object."""
    return cluster.get(request.resource, request.route.namespace, request.route.name)


def list_objects(cluster: Cluster, request: Request) -> Object:
    """A List object; with `limit`, a part of it and the token for the rest."""
    query = request.query
    found = cluster.list(
        request.resource, request.route.namespace, query.get("labelSelector", ""), query.get("fieldSelector", "")
    )
    metadata: Object = {"resourceVersion": str(cluster.store.version)}
    limit, token = number(query, "limit"), query.get("continue", "")
    if token:
        after = _place(token)
        found = [one for one in found if _key(one) > after]
    if limit and len(found) > limit:
        metadata |= {"continue": _token(_key(found[limit - 1])), "remainingItemCount": len(found) - limit}
        found = found[:limit]
    resource = request.resource
    return {"kind": f"{resource.kind}List", "apiVersion": resource.api_version, "metadata": metadata, "items": found}


def _key(value: Object) -> tuple[str, str]:
    return value["metadata"].get("namespace", ""), value["metadata"]["name"]


def _token(place: tuple[str, str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def _place(token: str) -> tuple[str, str]:
    try:
        namespace, name = json.loads(base64.urlsafe_b64decode(token))
        return str(namespace), str(name)
    except (ValueError, TypeError):
        raise expired("The provided continue parameter is not valid. Start a new list without it.") from None


def create(cluster: Cluster, request: Request) -> Object:
    """Creates what the body holds."""
    body, duplicates = decoded(request.body, request.content_type)
    return cluster.create(request.resource, request.route.namespace, body, request.ask, duplicates)


def update(cluster: Cluster, request: Request) -> Object:
    """Replaces the object by the body."""
    body, duplicates = decoded(request.body, request.content_type)
    route = request.route
    return cluster.update(
        request.resource, route.namespace, route.name, body, request.ask,
        subresource=route.subresource, duplicates=duplicates,
    )  # fmt: skip


def patch(cluster: Cluster, request: Request) -> Object:
    """Changes the object by the body, whatever kind of patch it is."""
    media = request.content_type.partition(";")[0].strip()
    if media not in PATCHES or (media == STRATEGIC and request.resource.custom):
        raise unsupported(PATCHES if not request.resource.custom else tuple(p for p in PATCHES if p != STRATEGIC))
    body, duplicates = decoded(request.body, media)
    if media == APPLY:
        return _apply(cluster, request, body)
    if media != JSON_PATCH and not isinstance(body, dict):
        raise bad_request(
            f"error decoding patch: json: cannot unmarshal {go_found(type_name(body))} into Go value of type "
            "map[string]interface {}"
        )
    route, schema = request.route, request.resource.schema
    change = {
        JSON_PATCH: lambda old: patches.apply(old, body),
        MERGE: lambda old: patches.merge(old, body),
        STRATEGIC: lambda old: strategic.merge(old, body, schema),
    }[media]
    return cluster.patch(
        request.resource, route.namespace, route.name, change, request.ask,
        subresource=route.subresource, duplicates=duplicates,
    )  # fmt: skip


def _apply(cluster: Cluster, request: Request, body: Any) -> Object:
    if not isinstance(body, dict):
        raise bad_request("error decoding YAML: not an object")
    if not request.query.get("fieldManager"):
        cause = required("fieldManager", "is required for apply patch")
        raise invalid("meta.k8s.io", "PatchOptions", "", [cause])
    route = request.route
    if (body.get("metadata") or {}).get("managedFields"):
        raise bad_request("metadata.managedFields must be nil")
    return cluster.apply(
        request.resource, route.namespace, route.name, body, request.ask,
        subresource=route.subresource, force=request.query.get("force") in ("true", "1"),
    )  # fmt: skip


def delete(cluster: Cluster, request: Request) -> Object:
    """Deletes one object."""
    options = _delete_options(request)
    return cluster.delete(request.resource, request.route.namespace, request.route.name, options, request.ask)


def delete_collection(cluster: Cluster, request: Request) -> Object:
    """Deletes all that the selectors fit, and lists them."""
    if request.resource.kind in ("Namespace", "Service"):
        raise method_not_allowed()
    found = list_objects(cluster, request)
    options = _delete_options(request)
    for one in found["items"]:
        cluster.delete(
            request.resource, one["metadata"].get("namespace", ""), one["metadata"]["name"], options, request.ask
        )
    return found


def _delete_options(request: Request) -> Object:
    """The options of a deletion: from the body, then from the query."""
    media = request.content_type.partition(";")[0].strip()
    body = decoded(request.body, media if media in (*YAML, protobuf.MEDIA) else "")[0] if request.body.strip() else {}
    if not isinstance(body, dict):
        raise bad_request("the body of a deletion must be DeleteOptions")
    options = {key: value for key, value in body.items() if value is not None}
    if request.query.get("propagationPolicy"):
        options["propagationPolicy"] = request.query["propagationPolicy"]
    grace = number(request.query, "gracePeriodSeconds")
    if grace is not None:
        options["gracePeriodSeconds"] = grace
    request.ask.dry_run = request.ask.dry_run or options.get("dryRun") == ["All"]
    return options
