"""Kinds as a policy spells them, and the resources that a cluster finds by them.

Source: Kyverno 1.19.1 pkg/utils/kube/kind.go (ParseKindSelector, GetKindFromGVK, ContainsKind),
pkg/clients/dclient/discovery.go (findResources), pkg/utils/match/kind.go (CheckKind),
pkg/policycache/store.go (pods/ephemeralcontainers come with pods).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from grader.kyverno import wildcard
from grader.kyverno.served import SERVED, Served


class Selector(NamedTuple):
    """A kind as Kyverno understands its spelling; each part may hold wildcards."""

    group: str
    version: str
    kind: str
    subresource: str


class Resource(NamedTuple):
    """What a request is about: `Pod` of group "" and version v1, perhaps one of its subresources."""

    group: str
    version: str
    kind: str
    subresource: str = ""


POD = Resource("", "v1", "Pod")
EPHEMERAL = "ephemeralcontainers"
_VERSION = re.compile(r"v\d((alpha|beta)\d)?|\*")


@lru_cache(1024)
def parse(text: str) -> Selector:
    """A kind's spelling taken apart: `Pod`, `v1/Pod`, `apps/v1/Deployment`, `Pod/status`, `Pod.status`."""
    *head, last = text.split("/")
    parts = head + last.split(".")
    if len(parts) == 1:
        return Selector("*", "*", parts[0], "")
    if len(parts) == 2:
        return _two_parts(*parts)
    if len(parts) == 3:
        if _VERSION.fullmatch(parts[0]):
            return Selector("*", parts[0], parts[1], parts[2])
        return Selector(parts[0], parts[1], parts[2], "")
    if len(parts) == 4:
        return Selector(parts[0], parts[1], parts[2], parts[3])
    return Selector("", "", "", "")


def _two_parts(first: str, second: str) -> Selector:
    if first == "*" and second == "*":
        return Selector("*", "*", "*", "*")
    if first == "*" and second.lower() == second:
        return Selector("*", "*", first, second)
    if _VERSION.fullmatch(first):
        return Selector("*", first, second, "")
    return Selector("*", "*", first, second)


def matches(text: str, resource: Resource) -> bool:
    """Whether a rule's kind takes in a request (the engine's view).

    A kind that takes in Pods takes in their ephemeral containers too.
    """
    wanted = parse(text)
    if not _same_kind(wanted, resource.group, resource.version, resource.kind):
        return False
    if wildcard.match(wanted.subresource, resource.subresource):
        return True
    return resource[:3] == POD[:3] and resource.subresource == EPHEMERAL


def _same_kind(wanted: Selector, group: str, version: str, kind: str) -> bool:
    return (
        wildcard.match(wanted.group, group)
        and wildcard.match(wanted.version, version)
        and wildcard.match(wanted.kind, kind)
    )


@lru_cache(1024)
def found(text: str) -> tuple[Served, ...]:
    """What the cluster serves under that spelling. Empty: Kyverno finds no such kind.

    With a subresource only the kinds that have one of that name.
    """
    wanted = parse(text)
    kinds = tuple(one for one in SERVED if _same_kind(wanted, one.group, one.version, one.kind))
    if not wanted.subresource or (wanted.kind == "*" and wanted.subresource == "*"):
        return kinds
    return tuple(one for one in kinds if any(wildcard.match(wanted.subresource, sub) for sub in one.subresources))


def reaches(text: str, resource: Resource) -> bool:
    """Whether the API server sends such a request to Kyverno because of this kind (the webhook's view)."""
    wanted = parse(text)
    if wanted.kind == "*":
        return wildcard.match(wanted.subresource, resource.subresource) or wanted.subresource == "*"
    for one in found(text):
        if (one.group, one.version, one.kind) != resource[:3]:
            continue
        if wanted.subresource:
            if resource.subresource and wildcard.match(wanted.subresource, resource.subresource):
                return True
        elif not resource.subresource or (resource[:3] == POD[:3] and resource.subresource == EPHEMERAL):
            return True
    return False


def bare(text: str) -> str:
    """The kind alone, without group, version and subresource (GetKindFromGVK, SplitSubresource)."""
    kind = _without_version(text.split("/"))
    first, slash, rest = kind.partition("/")
    return first if slash and "/" not in rest else kind


def _without_version(parts: list[str]) -> str:
    count, versioned = len(parts), bool(_VERSION.fullmatch(parts[0]))
    if count == 1 or (count == 2 and versioned and parts != ["*", "*"]) or (count == 3 and not versioned):
        return parts[-1].replace(".", "/", 1)
    return "/".join(parts[-2:]) if count <= 4 else ""


def contain(kinds: Iterable[str], kind: str) -> bool:
    """Whether a list of kinds names `kind`, in whatever spelling (ContainsKind)."""
    return any(bare(text) == kind for text in kinds)
