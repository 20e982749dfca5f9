"""Questions about oneself: who am I, may I."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from labs.cluster.simulated.api.ask import User
from labs.cluster.simulated.server.auth import allowed

Object = dict[str, Any]


def _access(body: Object, who: User) -> Object:
    wanted = (body.get("spec") or {}).get("resourceAttributes") or {}
    granted = allowed(who, str(wanted.get("verb", "")), str(wanted.get("group", "")), str(wanted.get("resource", "")))
    return {"allowed": granted}


def _rules(_: Object, who: User) -> Object:
    everything = allowed(who, "*", "*", "*")
    rules = [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}] if everything else []
    return {"resourceRules": rules, "nonResourceRules": [], "incomplete": not everything}


def _self(_: Object, who: User) -> Object:
    return {"userInfo": {"username": who.name, "groups": list(who.groups)}}


REVIEWS: dict[tuple[str, str], tuple[str, Callable[[Object, User], Object]]] = {
    ("authorization.k8s.io", "selfsubjectaccessreviews"): ("SelfSubjectAccessReview", _access),
    ("authorization.k8s.io", "selfsubjectrulesreviews"): ("SelfSubjectRulesReview", _rules),
    ("authentication.k8s.io", "selfsubjectreviews"): ("SelfSubjectReview", _self),
}


def answer(group: str, plural: str, body: Any, who: User) -> Object | None:
    """The answered review, or None where that kind is none."""
    found = REVIEWS.get((group, plural))
    if not found:
        return None
    kind, ask = found
    value = body if isinstance(body, dict) else {}
    status = ask(value, who)
    return {
        "kind": kind, "apiVersion": f"{group}/v1", "metadata": {"creationTimestamp": None},
        "spec": value.get("spec") or {}, "status": status,
    }  # fmt: skip
