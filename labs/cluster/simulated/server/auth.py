"""Who asks, and whether they may.

One token belongs to the lab's administrator, who may do all things and speak for others
(`Impersonate-User`, `Impersonate-Group`). Of the service accounts only those act that a person
impersonates; what they may do is what their charts grant them.
"""

from __future__ import annotations

import hmac
from typing import Any

from aiohttp import web

from labs.cluster.simulated.api.ask import ADMINISTRATOR, User, controller
from labs.cluster.simulated.api.errors import ApiError, unauthorized
from labs.cluster.simulated.server.route import Route

_READ = frozenset({"get", "list", "watch"})
_ALL = frozenset({*_READ, "create", "update", "patch", "delete", "deletecollection"})

Grant = tuple[frozenset[str], tuple[str, ...], tuple[str, ...]]

# Crossplane 1.15 chart, templates/clusterrole.yaml: what matters of it here
_GRANTS: dict[str, tuple[Grant, ...]] = {
    "system:serviceaccount:crossplane-system:crossplane": (
        (_ALL, ("pkg.crossplane.io", "apiextensions.crossplane.io", "apiextensions.k8s.io"), ("*",)),
        (_ALL, ("",), ("secrets", "services", "serviceaccounts", "configmaps", "events")),
        (_ALL, ("apps",), ("deployments",)),
    ),
}


def user(request: web.Request, token: str) -> User:
    """The identity of a request. Raises ApiError 401."""
    given = request.headers.get("Authorization", "")
    if not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        raise unauthorized()
    name = request.headers.get("Impersonate-User", "")
    groups = tuple(request.headers.getall("Impersonate-Group", []))
    if not name:
        return ADMINISTRATOR
    if not groups and name.startswith("system:serviceaccount:") and name.count(":") == 3:
        _, _, namespace, account = name.split(":")
        return controller(account, namespace)
    return User(name, tuple(dict.fromkeys((*groups, "system:authenticated"))))


def allowed(who: User, verb: str, group: str, plural: str) -> bool:
    """Whether the verb is granted on that kind."""
    if set(who.groups) & {"system:masters", "kubeadm:cluster-admins"}:
        return True
    for verbs, groups, plurals in _GRANTS.get(who.name, ()):
        if verb in verbs and (group in groups or "*" in groups) and (plural in plurals or "*" in plurals):
            return True
    return False


def authorise(who: User, verb: str, route: Route) -> None:
    """Raises ApiError 403 in the API server's words."""
    plural = f"{route.plural}/{route.subresource}" if route.subresource else route.plural
    if allowed(who, verb, route.group, route.plural):
        return
    where = f'in the namespace "{route.namespace}"' if route.namespace else "at the cluster scope"
    why = f'User "{who.name}" cannot {verb} resource "{plural}" in API group "{route.group}" {where}'
    qualified = f"{route.plural}.{route.group}" if route.group else route.plural
    named = f'{qualified} "{route.name}"' if route.name else qualified
    details: dict[str, Any] = {"name": route.name, "group": route.group, "kind": route.plural}
    raise ApiError(403, "Forbidden", f"{named} is forbidden: {why}", {k: v for k, v in details.items() if v})
