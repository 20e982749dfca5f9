"""Whatever a manifest holds, it is reviewed, answered and explained without a crash."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from grader.kyverno import explain, notes, oracle
from grader.manifest import Document, load
from tests.unit.kyverno.policies import GOOD, probe, signed

VALUE: Any = load(GOOD.encode())[0].value
PROBES = (signed(), probe(), probe(kind="Deployment"), probe(where="ephemeralContainers", who="crossplane"))
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=6)
WORDS = st.sampled_from(
    ["Pod", "Pods", "*", "{{ request.operation }}", "$(./a)", "Enforce", "Audit", "^(a)", "\x1b[0m"]
)
KEYS = st.sampled_from(
    ["any", "all", "resources", "kinds", "attestors", "entries", "attestor", "keyless", "keys", "count", "subject",
     "preconditions", "exclude", "validate", "pattern", "deny", "conditions", "key", "operator", "value", "context"]
)  # fmt: skip
JSON = st.recursive(
    SCALARS | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


def paths(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of all values below `value`."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [here, *(path for key, item in pairs for path in paths(item, (*here, key)))]


def put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """`value` with something else at `path`."""
    if not path:
        return new
    changed = copy.copy(value)
    changed[path[0]] = put(value[path[0]], path[1:], new)
    return changed


PLACES = [path for path in paths(VALUE) if len(path) > 1]


@settings(max_examples=150)
@given(st.data())
def test_any_value_anywhere(data: st.DataObject) -> None:
    value = VALUE
    for _ in range(data.draw(st.integers(1, 2))):
        path = data.draw(st.sampled_from(PLACES))
        try:
            value = put(value, path, data.draw(JSON))
        except (KeyError, IndexError, TypeError):
            continue
    everything_is_said(value)


@settings(max_examples=150)
@given(st.data())
def test_any_field_added_where_validation_ends_early(data: st.DataObject) -> None:
    """An unknown kind keeps Kyverno from validating the rest: what it then runs on may be anything."""
    value = put(VALUE, ("spec", "rules", 0, "match", "any", 0, "resources", "kinds"), ["Pod", "Pods"])
    rule = {**value["spec"]["rules"][0], data.draw(KEYS): data.draw(JSON)}
    rule["verifyImages"] = [{**rule["verifyImages"][0], data.draw(KEYS): data.draw(JSON)}]
    entry = {"attestor": data.draw(JSON)}
    if data.draw(st.booleans()):
        rule["verifyImages"][0]["attestors"] = [{"entries": [entry]}]
    everything_is_said(put(value, ("spec", "rules", 0), rule))


def everything_is_said(value: Any) -> None:
    policies = oracle.review([Document(value, "policy.yaml")])
    for one in policies:
        assert one.accepted != bool(one.problems)
        notes.of(one)
    for asked in PROBES:
        prediction = oracle.answer(policies, asked)
        assert (prediction.answer.value == "admitted") is (prediction.place is None)
        assert "\x1b" not in prediction.reason + prediction.repair
        explain.deciding_line(policies, asked)
