"""Repairs for clauses that do not take in what they should."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import Any

from grader.kyverno import kinds, wildcard
from grader.kyverno.match import Mismatch
from grader.kyverno.place import Place
from grader.kyverno.references import DEFAULT_REGISTRY, Reference
from grader.kyverno.request import Request
from grader.text import quoted, suspicious

_TYPOGRAPHIC = "“”„‘’‚«»"


def for_mismatch(found: Mismatch, request: Request) -> str:
    """How a clause of `match` or `exclude` would take in the request."""
    written = found.place.value
    if found.clause == "namespaces":
        return _of_all(found) or _namespaces(written, request)
    if found.clause in ("kinds", "unasked"):
        return _kinds(written, request)
    repairs = {
        "exclude": "Delete the exclude.",
        "configuration": "No policy can change that: choose another namespace.",
        "namespace": f"Make it a ClusterPolicy, or give it the namespace {quoted(request.namespace)}.",
        "empty": "Say under resources which kinds the rule is for.",
        "operations": f"Add {request.operation}, or delete operations.",
        "namespaceSelector": "Select by kubernetes.io/metadata.name, which every namespace carries, or use namespaces.",
    }
    return repairs.get(found.clause, f"Delete {found.clause}: it narrows the rule to some objects.")


def _of_all(found: Mismatch) -> str:
    """The repair where another entry of the same `all` names other namespaces."""
    path = found.place.path
    if "all" not in path:
        return ""
    entries = Place(found.place.document, path[: path.index("all") + 1], 0).value
    if not isinstance(entries, list) or len(entries) < 2:
        return ""
    return "Under all every entry has to fit at once, and no Pod is in two namespaces: delete the wrong entry."


def _namespaces(written: Any, request: Request) -> str:
    listed = [one for one in written if isinstance(one, str)] if isinstance(written, list) else []
    close = difflib.get_close_matches(request.namespace, listed, n=1, cutoff=0.6)
    if close and close[0].strip(_TYPOGRAPHIC) == request.namespace:
        return f"The marks around it are typographic, and so part of the name: write {request.namespace} without them."
    odd = suspicious(close[0]) if close else None
    if odd:
        return (
            f"The name holds {odd}, which cannot be seen or looks like another letter: type {request.namespace} anew."
        )
    if close:
        return f"Write {request.namespace} instead of {quoted(close[0])}."
    return f"Add {request.namespace} to the namespaces."


def _kinds(written: Any, request: Request) -> str:
    listed = [one for one in written if isinstance(one, str)] if isinstance(written, list) else []
    wanted = "Pod" if request.resource.kind == "Deployment" else request.resource.kind
    for one in listed:
        if kinds.bare(one).lower().rstrip("s") == wanted.lower() and kinds.bare(one) != wanted:
            return f"Write {wanted} instead of {quoted(one)}: a kind is singular and begins with a capital."
    if request.resource.subresource and "Pod" not in map(kinds.bare, listed):
        return "Write Pod: it brings its ephemeral containers along."
    return f"Add {wanted} to the kinds." if listed else f"Give the list kinds with {wanted}."


def for_reference(patterns: Sequence[str], image: Reference) -> str:
    """How a list of image references would take in `image`."""
    for pattern in patterns:
        found = _one_reference(pattern, image)
        if found:
            return found
    return f"Write a pattern that fits {image}, such as {image.repository}*."


def _one_reference(pattern: str, image: Reference) -> str:
    shown = quoted(pattern, 100)
    if "://" in pattern:
        return f"Delete the scheme from {shown}: an image reference begins with its registry."
    if wildcard.match(f"{image.registry}/{pattern}", str(image)):
        return f"Begin {shown} with {image.registry}/: an image is compared by its full name, registry first."
    if wildcard.match(f"{pattern}*", str(image)):
        return f"End {shown} with *: the rest of the name, and tag or digest, follow."
    if pattern.startswith(f"{DEFAULT_REGISTRY}/") and image.registry != DEFAULT_REGISTRY:
        return f"Write {image.registry}/ instead of {DEFAULT_REGISTRY}/ in {shown}."
    if pattern != pattern.strip():
        return f"Delete the blank at the edge of {shown}."
    if wildcard.match(pattern.lower(), str(image)):
        return f"Write {shown} in small letters."
    name = pattern.partition("*")[0]
    close = difflib.SequenceMatcher(None, name, str(image)[: len(name)]).ratio()
    odd = suspicious(pattern)
    if odd and close >= 0.8:
        return f"A letter in {shown} only looks like the right one ({odd}): type the name anew."
    if name and close >= 0.8 and name != str(image)[: len(name)]:
        return f"Write {str(image)[: len(name)]} instead of {quoted(name, 100)}."
    return ""


def difference(written: str, meant: str) -> str:
    """Where two values that are nearly the same differ, in words; nothing where they have little in common."""
    if written != meant and written.strip() == meant:
        return f"delete the blank at its {'beginning' if written.lstrip() != written else 'end'}"
    if difflib.SequenceMatcher(None, written, meant).ratio() < 0.8:
        return ""
    start = next((i for i, (a, b) in enumerate(zip(written, meant, strict=False)) if a != b), None)
    if start is None:
        longer, shorter = max(written, meant, key=len), min(written, meant, key=len)
        extra = quoted(longer[len(shorter) :], 60)
        return f"delete {extra} at its end" if longer == written else f"{extra} is missing at its end"
    begin = max(start - 12, 0)
    return f"the file has {quoted(written[begin : start + 12])} where {quoted(meant[begin : start + 12])} belongs"


def listed(values: Iterable[str]) -> str:
    """A short list of quoted values."""
    shown = [quoted(value, 80) for value in values]
    return ", ".join(shown[:5]) + (" …" if len(shown) > 5 else "") if shown else "nothing"
