"""Misspelt fields at every level of a policy: the right name alone, and no Python in any message."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from grader.kyverno import oracle
from grader.manifest import Document, Path, load
from tests.unit.kyverno.policies import changed, review


@pytest.mark.parametrize(
    ("old", "new", "repair"),
    [
        ("\nspec:", "\nspecs:", "Write spec instead of “specs”."),
        ("\nspec:", "\nSpec:", "Write spec: capitals count."),
        ("\nmetadata:", "\nmetdata:", "Write metadata instead of “metdata”."),
        ("  name: check-provider", "  nmae: check-provider", "Write name instead of “nmae”."),
        ("  name: check-provider", "  Name: check-provider", "Write name: capitals count."),
        ("  name: check-provider", "  name: check-provider\n  label: {}", "Write labels instead of “label”."),
        ("entries:", "entry:", "Write entries instead of “entry”."),
        ("      any:", "      ani:", "Write any instead of “ani”."),
        ("attestors:", "attestor:", "Write attestors instead of “attestor”."),
        ("  rules:", "  rule:", "Write rules instead of “rule”."),
    ],
)
def test_the_nearest_name_comes_first(old: str, new: str, repair: str) -> None:
    assert [problem.repair for problem in review(changed((old, new))).pruned] == [repair]


@pytest.mark.parametrize(
    ("field", "repair"),
    [
        ("rules: []", "“rules” belongs inside spec: indent it below that line."),
        ("labels: {}", "labels belongs inside metadata: indent it below that line."),
        ("colour: red", "A policy has apiVersion, kind, metadata and spec, and no “colour”: delete it."),
        ("specs: {}", "A policy has apiVersion, kind, metadata and spec, and no “specs”: delete it."),
    ],
)
def test_what_is_no_misspelling_is_not_called_one(field: str, repair: str) -> None:
    (problem,) = review(changed(("\nspec:\n", f"\n{field}\nspec:\n"))).pruned
    assert problem.repair == repair


WRONG: tuple[Any, ...] = (None, True, False, 1.5, {}, {"a": None}, [], [True])


def _paths(value: Any, path: Path = ()) -> Iterator[Path]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, item in items:
        yield (*path, step)
        yield from _paths(item, (*path, step))


def _replaced(value: Any, path: Path, new: Any) -> Any:
    found = copy.deepcopy(value)
    inside = found
    for step in path[:-1]:
        inside = inside[step]
    inside[path[-1]] = new
    return found


LABELLED = changed(("  name: check-provider", "  name: check-provider\n  labels: {a: b}\n  annotations: {c: d}"))
[BASE] = load(LABELLED.encode(), "policy.yaml")
PATHS = tuple(path for path in _paths(BASE.value) if path not in (("kind",), ("apiVersion",)))


@pytest.mark.parametrize("path", PATHS, ids=lambda path: ".".join(map(str, path)))
def test_no_message_speaks_python(path: Path) -> None:
    for new in WRONG:
        [document] = load(json.dumps(_replaced(BASE.value, path, new)).encode(), "policy.yaml")
        said = " ".join(_said(document))
        assert not [word for word in ("None", "True", "False", "{'", "['", "dict", "bool ", "int ") if word in said], (
            said
        )


def _said(document: Document) -> Iterator[str]:
    for one in oracle.review([document]):
        for problem in (*one.problems, *one.pruned, *([one.warning] if one.warning else [])):
            yield from (problem.reason, problem.repair)
