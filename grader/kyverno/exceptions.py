"""Pods that a policy's own words set apart: those that it leaves out inside a namespace, or takes in elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from grader.kyverno import fills, route, selectors
from grader.kyverno.policy import Block, Rule
from grader.kyverno.request import Identity, Probe, identity
from grader.kyverno.review import PolicyReview

MOST = 40
"""Pods of one question."""
_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")
_OF_NAME = re.compile(r"request\.(?:object\.metadata\.)?name\b")
_OF_LABEL = re.compile(r"""metadata\.(labels|annotations)\.(?:"([^"]+)"|([\w-]+))""")
_OF_USER = re.compile(r"userInfo\.username")
_OF_GROUPS = re.compile(r"userInfo\.groups")
_SOMEBODY = identity("somebody-else")


def inside(reviews: Sequence[PolicyReview], plain: Probe) -> Iterator[Probe]:
    """The plain Pod under another name and by another hand, and as the policies' exceptions describe others."""
    return islice(_real(plain, _inside(reviews, plain)), MOST)


def elsewhere(reviews: Sequence[PolicyReview], plain: Probe) -> Iterator[Probe]:
    """The plain Pod of another namespace, as the policies' `match` describes some, in a namespace with such labels."""
    return islice(_real(plain, _elsewhere(reviews, plain)), MOST)


def _real(plain: Probe, found: Iterable[Probe]) -> Iterator[Probe]:
    """Each once, and only those that there can be: Kubernetes itself refuses other names and labels."""
    seen = [plain]
    for one in found:
        labels = selectors.fault({"matchLabels": {**one.labels, **(one.namespace_labels or {})}})
        keys = selectors.fault({"matchLabels": dict.fromkeys(one.annotations, "")})
        if _NAME.fullmatch(one.object_name) and not labels and not keys and one not in seen:
            seen.append(one)
            yield one


def _inside(reviews: Sequence[PolicyReview], plain: Probe) -> Iterator[Probe]:
    yield replace(plain, identity=_SOMEBODY)
    yield replace(plain, object_name="a-name-of-its-own")
    for rule in _rules(reviews):
        section = rule.section("exclude")
        for block in (*section.any, section.own):
            yield from _described(block, plain)
        yield from _together(section.all, plain)
        for block in rule.blocks("match"):
            for key, values in _forbidden(block.resources.get("selector")):
                yield replace(plain, labels={key: values[0] if values else "other"})
        yield from _conditioned(rule, plain)


def _elsewhere(reviews: Sequence[PolicyReview], plain: Probe) -> Iterator[Probe]:
    for rule in _rules(reviews):
        for block in rule.blocks("match"):
            labels = _demanded(block.resources.get("namespaceSelector"))
            labels.pop("kubernetes.io/metadata.name", None)
            for one in _described(block, plain):
                yield replace(one, namespace_labels=labels) if labels else one


def _rules(reviews: Sequence[PolicyReview]) -> Iterator[Rule]:
    for review in reviews:
        yield from (rule for rule in (review.policy.rules if review.policy else ()) if rule.verifies)


def _together(blocks: Sequence[Block], plain: Probe) -> Iterable[Probe]:
    """The Pods that all blocks describe."""
    found = [plain]
    for block in blocks:
        found = list(islice((more for one in found for more in _described(block, one)), MOST))
    return found


def _described(block: Block, one: Probe) -> Iterator[Probe]:
    """The Pod with all that a block asks for, under each name and by each hand."""
    resources = block.resources
    labels = {**one.labels, **_demanded(resources.get("selector"))}
    written = (resources.get("annotations") or {}).items()
    annotations = {**one.annotations, **{_filled(key): _filled(value) for key, value in written}}
    names = [resources["name"]] if resources.get("name") else resources.get("names") or ()
    for name in [text for pattern in names for text in fills.of_pattern(pattern)] or [one.object_name]:
        for who in [*_who(block)] or [one.identity]:
            yield replace(one, object_name=name, labels=labels, annotations=annotations, identity=who)


def _who(block: Block) -> Iterator[Identity]:
    """Those whom a block names, but for those whom Kyverno's own configuration leaves out."""
    people = (_subject(one) for one in block.body.get("subjects") or ())
    return (one for one in people if route.FILTERED_GROUP not in one.groups)


def _subject(subject: Mapping[str, Any]) -> Identity:
    name = _filled(subject.get("name") or "")
    if subject.get("kind") == "ServiceAccount":
        return identity(f"system:serviceaccount:{_filled(subject.get('namespace') or '')}:{name}")
    if subject.get("kind") == "Group":
        return replace(_SOMEBODY, groups=(name, *_SOMEBODY.groups))
    return _user(name)


def _user(name: str) -> Identity:
    """A user; the nodes are always in their group."""
    found = identity(name)
    return replace(found, groups=(route.FILTERED_GROUP, *found.groups)) if name.startswith("system:node:") else found


def _demanded(selector: Mapping[str, Any] | None) -> dict[str, str]:
    """The labels that a selector asks for."""
    found = {_filled(key): _filled(value) for key, value in ((selector or {}).get("matchLabels") or {}).items()}
    for term in (selector or {}).get("matchExpressions") or ():
        if term["operator"] in ("In", "Exists"):
            found[term["key"]] = next(iter(term.get("values") or ()), "other")
    return found


def _forbidden(selector: Mapping[str, Any] | None) -> Iterator[tuple[str, Sequence[str]]]:
    """The labels that a selector wants not to be there, with their values."""
    for term in (selector or {}).get("matchExpressions") or ():
        if term["operator"] in ("NotIn", "DoesNotExist"):
            yield term["key"], term.get("values") or ()


def _filled(pattern: str) -> str:
    return next(iter(fills.of_pattern(pattern)), "")


def _conditioned(rule: Rule, plain: Probe) -> Iterator[Probe]:
    """The Pod with each value that a condition compares a label, an annotation, a name or a user with."""
    for condition in _conditions(rule.body.get("preconditions")):
        key, value = str(condition.get("key") or ""), condition.get("value")
        written = [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)]
        texts = [_filled(one) for one in written if "{{" not in one]
        for text in dict.fromkeys([*texts, "true", "false", "other"]):
            yield from _valued(key, text, plain)


def _valued(key: str, text: str, plain: Probe) -> Iterator[Probe]:
    for kind, quoted, bare in _OF_LABEL.findall(key):
        held = {quoted or bare: text}
        yield replace(plain, labels=held) if kind == "labels" else replace(plain, annotations=held)
    if _OF_NAME.search(key):
        yield replace(plain, object_name=text)
    if _OF_USER.search(key):
        yield replace(plain, identity=_user(text))
    if _OF_GROUPS.search(key):
        yield replace(plain, identity=replace(_SOMEBODY, groups=(text, *_SOMEBODY.groups)))


def _conditions(conditions: Any) -> Iterator[Mapping[str, Any]]:
    listed = [conditions] if isinstance(conditions, list) else []
    if isinstance(conditions, Mapping):
        listed = [conditions.get(key) or [] for key in ("any", "all")]
    for several in listed:
        yield from (one for one in several if isinstance(one, Mapping))
