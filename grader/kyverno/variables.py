"""Variables `{{ … }}` in a policy: which there are, and the value of the plain ones.

Source: Kyverno 1.19.1 pkg/engine/variables/vars.go and regex/vars.go; pkg/engine/context; go-jmespath (Kyverno's
fork: a missing key is an error, `||` takes it as null). Only paths, `||` and literals are evaluated: anything else
cannot be told.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from grader.kyverno.doubt import CannotTell
from grader.kyverno.place import Place
from grader.kyverno.request import Request
from grader.text import quoted

VARIABLE = re.compile(r"(?:^|(?<=[^\\]))\{\{((?:\{[^{}]*\}|[^{}])*)\}\}")
REFERENCE = re.compile(r"(?:^|(?<=[^\\]))\$\(.[^ ]*\)")
_STEP = re.compile(r"""\.?(?:(?P<name>[A-Za-z_][A-Za-z0-9_]*)|"(?P<quoted>[^"\\]+)"|\[(?P<index>\d+)\])""")


class MissingKey(Exception):
    """A path that leads to nothing: Kyverno makes it an error of the rule."""


def found_in(value: Any) -> Iterator[str]:
    """The inside of every variable anywhere in a value, keys too."""
    if isinstance(value, str):
        if "{{" in value:
            yield from (found.group(1).strip() for found in VARIABLE.finditer(value))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from found_in(key)
            yield from found_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from found_in(item)


def has_reference(value: Any) -> bool:
    """Whether a value holds a reference `$(…)` to another part of the policy."""
    if isinstance(value, str):
        return "$(" in value and bool(REFERENCE.search(value))
    children = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return any(has_reference(child) for child in children)


def substitute(value: Any, request: Request, place: Place) -> Any:
    """`value` with its variables filled in. Raises MissingKey and CannotTell."""
    if isinstance(value, list):
        return [substitute(item, request, place) for item in value]
    if isinstance(value, Mapping):
        return {key: substitute(item, request, place) for key, item in value.items()}
    if not isinstance(value, str):
        return value
    if has_reference(value):
        raise CannotTell("a reference $(…) is not followed", place)
    whole = VARIABLE.fullmatch(value)
    if whole:
        return evaluate(whole.group(1).strip(), request, place)
    return VARIABLE.sub(lambda found: _text(evaluate(found.group(1).strip(), request, place)), value)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def evaluate(query: str, request: Request, place: Place) -> Any:
    """The value of one query. Raises MissingKey and CannotTell."""
    terms = [term.strip() for term in query.split("||")]
    for term in terms[:-1]:
        try:
            value = _term(term, request, place)
        except MissingKey:
            continue
        if value not in (None, False, "", [], {}):
            return value
    return _term(terms[-1], request, place)


def _term(term: str, request: Request, place: Place) -> Any:
    if len(term) > 1 and term[0] == term[-1] == "'" and "'" not in term[1:-1]:
        return term[1:-1]
    if len(term) > 1 and term[0] == term[-1] == "`":
        try:
            return json.loads(term[1:-1])
        except ValueError:
            pass
    steps = _steps(term)
    if steps is None:
        raise CannotTell(f"the expression {quoted(term)} is not evaluated", place)
    return _walk(steps, request, place)


def _steps(path: str) -> list[str | int] | None:
    steps: list[str | int] = []
    at = 0
    while at < len(path):
        found = _STEP.match(path, at)
        if not found or (path[at] != "[" and (path[at] == ".") == (at == 0)):
            return None
        index = found["index"]
        steps.append(int(index) if index is not None else found["name"] or found["quoted"])
        at = found.end()
    return steps or None


def _walk(steps: list[str | int], request: Request, place: Place) -> Any:
    value: Any = _context(request)
    for depth, step in enumerate(steps):
        if isinstance(step, int) and isinstance(value, list):
            value = value[step] if step < len(value) else None
        elif isinstance(step, str) and isinstance(value, Mapping) and step in value:
            value = value[step]
        elif isinstance(step, str) and isinstance(value, Mapping) and _complete(steps[:depth], step, request):
            raise MissingKey(f'Unknown key "{step}" in path')
        else:
            raise CannotTell(f"the value of {quoted('.'.join(map(str, steps)))} is not known", place)
    return value


def _complete(path: list[str | int], step: str, request: Request) -> bool:
    """Whether what is not below `path` is really missing. A probe tells all labels and annotations of its object."""
    if path[:2] != ["request", "object"]:
        return False
    inner = path[4:] if path[2:4] == ["spec", "template"] else path[2:]
    told = inner == ["metadata"] and step in ("labels", "annotations")
    return request.known or told or inner in (["metadata", "labels"], ["metadata", "annotations"])


def _context(request: Request) -> dict[str, Any]:
    who = request.identity
    account = who.username.split(":") if who.username.startswith("system:serviceaccount:") else ["", "", "", ""]
    return {
        "request": {
            "operation": request.operation,
            "namespace": request.namespace,
            "name": request.name,
            "object": request.object,
            "kind": {
                "group": request.resource.group,
                "version": request.resource.version,
                "kind": request.resource.kind,
            },
            "userInfo": {"username": who.username, "groups": list(who.groups)},
        },
        "serviceAccountName": account[3],
        "serviceAccountNamespace": account[2],
    }
