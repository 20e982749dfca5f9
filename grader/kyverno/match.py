"""Whether a rule looks at a request: `match` and `exclude`.

Source: Kyverno 1.19.1 pkg/engine/utils/match.go (MatchesResourceDescription, doesResourceMatchConditionBlock),
pkg/utils/match/{name,annotations,subjects}.go. Inside one block everything asked for must hold; a list holds where
one of its values does. `any` needs one block, `all` every block; `exclude` takes out what it would match.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from grader.kyverno import kinds, selectors, wildcard
from grader.kyverno.doubt import CannotTell
from grader.kyverno.place import Place
from grader.kyverno.policy import Block, Rule
from grader.kyverno.request import Identity, Request
from grader.text import quoted


class Mismatch(NamedTuple):
    """The clause that keeps a rule from looking at a request.

    `clause` is the field's name (`kinds`, `namespaces`, …, `exclude`), `wanted` what it asks for.
    """

    clause: str
    place: Place
    request: Request
    wanted: Any = None

    @property
    def text(self) -> str:
        """One sentence on what the clause does to the request."""
        return _sentence(self.clause, self.wanted, self.request)


def mismatch(rule: Rule, request: Request) -> Mismatch | None:
    """Why `rule` does not look at `request`, or None where it does. Raises CannotTell."""
    if id(rule) not in request.memo:
        request.memo[id(rule)] = _match(rule, request) or (_exclude(rule, request) if rule.exclude else None)
    found: Mismatch | None = request.memo[id(rule)]
    return found


def _match(rule: Rule, request: Request) -> Mismatch | None:
    any_blocks, all_blocks, own = rule.section("match")
    if any_blocks:
        reasons = [_first(block, request) for block in any_blocks]
        if None in reasons:
            return None
        return max((one for one in reasons if one), key=lambda one: _ORDER.index(one.clause))
    return next((found for block in all_blocks or (own,) if (found := _first(block, request))), None)


def _exclude(rule: Rule, request: Request) -> Mismatch | None:
    any_blocks, all_blocks, own = rule.section("exclude")
    if all_blocks and not any_blocks:
        if all(_takes_in(block, request) for block in all_blocks):
            return Mismatch("exclude", all_blocks[0].place, request)
        return None
    for block in any_blocks or (own,):
        if _takes_in(block, request):
            return Mismatch("exclude", block.place, request)
    return None


def _takes_in(block: Block, request: Request) -> bool:
    return not block.is_empty and _first(block, request) is None


def _first(block: Block, request: Request) -> Mismatch | None:
    """The first clause of a block that does not hold."""
    if block.is_empty:
        return Mismatch("empty", block.place, request)
    return next(_failing(block, request), None)


def _failing(block: Block, request: Request) -> Iterator[Mismatch]:
    resources, place = block.resources, block.place.at("resources")
    for clause, holds in _CLAUSES.items():
        wanted = resources.get(clause)
        present = wanted is not None if clause.lower().endswith("selector") else bool(wanted)
        if present and not holds(wanted, request):
            yield Mismatch(clause, place.at(clause), request, wanted)
    yield from _failing_users(block, request)


def _names(wanted: Any, request: Request) -> bool:
    return wildcard.match_any([wanted] if isinstance(wanted, str) else wanted, request.name)


def _annotations(wanted: Mapping[str, str], request: Request) -> bool:
    actual = request.annotations.items()
    return all(
        any(wildcard.match(key, name) and wildcard.match(value, text) for name, text in actual)
        for key, value in wanted.items()
    )


_CLAUSES: Mapping[str, Any] = {
    "operations": lambda wanted, request: request.operation in wanted,
    "kinds": lambda wanted, request: any(kinds.matches(kind, request.resource) for kind in wanted),
    "name": _names,
    "names": _names,
    "namespaces": lambda wanted, request: wildcard.match_any(wanted, request.namespace),
    "annotations": _annotations,
    "selector": lambda wanted, request: selectors.matches(wanted, request.labels),
    "namespaceSelector": lambda wanted, request: selectors.matches(wanted, request.namespace_labels),
}
_ORDER = ("empty", *_CLAUSES, "roles", "clusterRoles", "subjects", "exclude")


def _sentence(clause: str, wanted: Any, request: Request) -> str:
    if clause in _FIXED:
        return _FIXED[clause]
    if clause == "kinds":
        kind = "/".join(filter(None, (request.resource.kind, request.resource.subresource)))
        return f"kinds {_listed(wanted)} does not include {kind}"
    if clause == "namespaces":
        return f"namespaces {_listed(wanted)} does not include {quoted(request.namespace)}"
    if clause == "operations":
        return f"operations {_listed(wanted)} does not include {request.operation}"
    if clause in ("name", "names"):
        return f"{clause} {_listed(wanted)} does not take in the object's name {quoted(request.name)}"
    if clause == "namespaceSelector":
        fault = selectors.fault(wanted) if not selectors.has_wildcard(wanted) else None
        if fault:
            return f"the namespaceSelector cannot be read ({fault}), so it fits no namespace"
        return f"the namespace {quoted(request.namespace)} has no labels that the namespaceSelector asks for"
    if clause in ("roles", "clusterRoles"):
        return f"{request.identity.username} has none of the {clause} {_listed(wanted)}"
    return f"the object has no {'labels' if clause == 'selector' else clause} that the {clause} asks for"


_FIXED = {
    "empty": "an empty block matches nothing",
    "exclude": "exclude takes this request out of the rule",
    "subjects": "whoever asks is none of the subjects",
    "configuration": "Kyverno's own configuration leaves this namespace or this user out",
    "namespace": "a Policy acts only in its own namespace",
    "unasked": "the API server asks Kyverno only about the kinds that a rule names, and no rule names this one",
}


def _listed(wanted: Any) -> str:
    values = [wanted] if isinstance(wanted, str) else wanted
    return "[" + ", ".join(quoted(value, 60) for value in values[:6]) + (", …]" if len(values) > 6 else "]")


def _failing_users(block: Block, request: Request) -> Iterator[Mismatch]:
    who = request.identity
    for clause, actual in (("roles", who.roles), ("clusterRoles", who.cluster_roles)):
        wanted = block.body.get(clause)
        if not wanted:
            continue
        if actual is None:
            raise CannotTell(f"the {clause} of {who.username} are not known", block.place.at(clause))
        if not set(wanted) & set(actual):
            yield Mismatch(clause, block.place.at(clause), request, wanted)
    subjects = block.body.get("subjects")
    if subjects and not any(_is_subject(subject, who) for subject in subjects):
        yield Mismatch("subjects", block.place.at("subjects"), request)


def _is_subject(subject: Mapping[str, str], who: Identity) -> bool:
    name = subject.get("name") or ""
    if subject.get("kind") == "ServiceAccount":
        return wildcard.match(f"system:serviceaccount:{subject.get('namespace') or ''}:{name}", who.username)
    if subject.get("kind") == "Group":
        return any(wildcard.match(name, group) for group in who.groups)
    return subject.get("kind") == "User" and wildcard.match(name, who.username)
