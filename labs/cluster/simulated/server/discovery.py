"""What is served, told to clients: the aggregated form (`apidiscovery.k8s.io/v2`) and the older lists."""

from __future__ import annotations

from typing import Any

from labs.cluster.simulated.api.catalogue import Catalogue
from labs.cluster.simulated.api.resource import VERBS, Resource
from labs.cluster.simulated.server.subresources import STREAMS

Object = dict[str, Any]

AGGREGATED = "APIGroupDiscoveryList"
_SCALE = {"group": "autoscaling", "version": "v1", "kind": "Scale"}
_POD_DOORS = {"log": ("get",), **dict.fromkeys(STREAMS, ("create", "get"))}
_REVIEWS = (
    ("authorization.k8s.io", "selfsubjectaccessreviews", "SelfSubjectAccessReview"),
    ("authorization.k8s.io", "selfsubjectrulesreviews", "SelfSubjectRulesReview"),
    ("authentication.k8s.io", "selfsubjectreviews", "SelfSubjectReview"),
)


def aggregated(catalogue: Catalogue, core: bool, version: str) -> Object:
    """All groups with their kinds: the core group alone, or all the others."""
    groups = {g: v for g, v in catalogue.groups().items() if (g == "") == core}
    items = [_group(catalogue, group, versions) for group, versions in groups.items()]
    if not core:
        items += [_review_group(group) for group in dict.fromkeys(group for group, _, _ in _REVIEWS)]
    api_version = f"apidiscovery.k8s.io/{version or 'v2'}"
    return {"kind": AGGREGATED, "apiVersion": api_version, "metadata": {}, "items": items}


def _group(catalogue: Catalogue, group: str, versions: list[str]) -> Object:
    described = [
        {
            "version": version,
            "freshness": "Current",
            "resources": [_described(r) for r in _of(catalogue, group, version)],
        }
        for version in versions
    ]
    return {
        "metadata": {"name": group, "creationTimestamp": None} if group else {"creationTimestamp": None},
        "versions": described,
    }


def _of(catalogue: Catalogue, group: str, version: str) -> list[Resource]:
    found = [r for r in catalogue.all() if (r.group, r.version) == (group, version)]
    return sorted(found, key=lambda resource: resource.plural)


def _described(resource: Resource) -> Object:
    kind = {"group": resource.group, "version": resource.version, "kind": resource.kind}
    entry: Object = {
        "resource": resource.plural, "responseKind": kind, "singularResource": resource.singular, "verbs": list(VERBS),
        "scope": "Namespaced" if resource.namespaced else "Cluster",
    }  # fmt: skip
    if resource.short_names:
        entry["shortNames"] = list(resource.short_names)
    if resource.categories:
        entry["categories"] = list(resource.categories)
    if resource.subresources:
        entry["subresources"] = [
            {"subresource": name, "responseKind": _SCALE if name == "scale" else kind, "verbs": list(_door(name))}
            for name in sorted(resource.subresources)
        ]
    return entry


def _door(subresource: str) -> tuple[str, ...]:
    return _POD_DOORS.get(subresource, ("get", "patch", "update"))


def _review_group(group: str) -> Object:
    resources = [
        {"resource": plural, "responseKind": {"group": group, "version": "v1", "kind": kind}, "scope": "Cluster",
         "singularResource": kind.lower(), "verbs": ["create"]}
        for of, plural, kind in _REVIEWS
        if of == group
    ]  # fmt: skip
    version = {"version": "v1", "freshness": "Current", "resources": resources}
    return {"metadata": {"name": group, "creationTimestamp": None}, "versions": [version]}


def versions() -> Object:
    """The answer to `/api`."""
    return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []}


def groups(catalogue: Catalogue) -> Object:
    """The answer to `/apis`."""
    known = {**catalogue.groups(), **{group: ["v1"] for group, _, _ in _REVIEWS}}
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": [group(name, v) for name, v in known.items() if name]}


def group(name: str, served: list[str]) -> Object:
    """One group, as `/apis` and `/apis/GROUP` show it."""
    all_versions = [{"groupVersion": f"{name}/{version}", "version": version} for version in served]
    return {"name": name, "versions": all_versions, "preferredVersion": all_versions[0]}


def kinds(catalogue: Catalogue, group: str, version: str) -> Object | None:
    """The answer to `/api/v1` or `/apis/GROUP/VERSION`, or None where nothing is served."""
    name = f"{group}/{version}" if group else version
    entries = [entry for resource in _of(catalogue, group, version) for entry in _listed(resource)]
    entries += [
        {"name": plural, "singularName": kind.lower(), "namespaced": False, "kind": kind, "verbs": ["create"]}
        for of, plural, kind in _REVIEWS
        if (of, "v1") == (group, version)
    ]
    if not entries:
        return None
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": name, "resources": entries}


def _listed(resource: Resource) -> list[Object]:
    entry: Object = {
        "name": resource.plural, "singularName": resource.singular, "namespaced": resource.namespaced,
        "kind": resource.kind, "verbs": list(VERBS),
    }  # fmt: skip
    if resource.short_names:
        entry["shortNames"] = list(resource.short_names)
    if resource.categories:
        entry["categories"] = list(resource.categories)
    below = [
        {
            "name": f"{resource.plural}/{name}", "singularName": "", "namespaced": resource.namespaced,
            "kind": "Scale" if name == "scale" else resource.kind, "verbs": list(_door(name)),
            **({"group": "autoscaling", "version": "v1"} if name == "scale" else {}),
        }
        for name in sorted(resource.subresources)
    ]  # fmt: skip
    return [entry, *below]
