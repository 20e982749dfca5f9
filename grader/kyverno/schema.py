"""What the API server makes of a policy: unknown fields left out, defaults written in, types checked.

Source: k8s.io/apiextensions-apiserver 1.35, pkg/apiserver/schema: pruning, then defaulting, then validation, as
for every custom resource with a structural schema. A null that has no default is dropped (defaulting/prunenulls.go;
no field of a policy is `nullable`), one in a list stays. A strict client (`kubectl apply`) is refused over an unknown
field; Argo CD's client-side apply is only warned, and the field is left out.
"""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field
from typing import Any

from grader.kyverno import spelling
from grader.kyverno.place import Place
from grader.kyverno.problem import Problem, problem
from grader.kyverno.types import UNSET, Shape, Type, json_type, shape


@dataclass(slots=True)
class Decoded:
    """`value` as the API server stores it; `unknown` what it leaves out; `problems` why it refuses."""

    value: Any = None
    unknown: list[Problem] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def decode(value: Any, kind: Type, place: Place) -> Decoded:
    """`value` read as `kind`."""
    result = Decoded()
    result.value = _decode(value, kind, place, result)
    return result


def _decode(value: Any, kind: Type, place: Place, out: Decoded) -> Any:
    if kind.base == "any":
        return copy.deepcopy(value) if isinstance(value, dict | list) else value
    if kind.base == "object" and isinstance(value, dict):
        return _object(value, shape(kind.shape), place, out)
    if kind.base == "list" and isinstance(value, list) and kind.item:
        return [_decode(item, kind.item, place.at(index), out) for index, item in enumerate(value)]
    if kind.base == "map" and isinstance(value, dict) and kind.item:
        return {key: _decode(item, kind.item, place.at(key), out) for key, item in value.items() if item is not None}
    return _scalar(value, kind, place, out)


def _object(value: dict[str, Any], known: Shape, place: Place, out: Decoded) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, item in value.items():
        kind = known.fields.get(key)
        if kind is None:
            if known.open:
                found[key] = copy.deepcopy(item)
            else:
                here = place.at(key)
                out.unknown.append(problem(f'unknown field "{here.field}"', here, spelling.repair(here, known)))
        elif item is not None:
            found[key] = _decode(item, kind, place.at(key), out)
    for key, kind in known.fields.items():
        if key not in found and kind.default is not UNSET:
            found[key] = kind.default
    _combinations(found, known, place, out)
    return found


def _combinations(found: dict[str, Any], known: Shape, place: Place, out: Decoded) -> None:
    for key, kind in known.fields.items():
        if kind.required and key not in found:
            out.problems.append(problem(f"{place.at(key).field}: Required value", place, f"Add the field {key} here."))
    if known.exclusive and all(key in found for key in known.exclusive):
        first, second = known.exclusive
        out.problems.append(
            problem(
                f'{place.field}: Invalid value: "{place.field}" must not validate the schema (not)',
                place.at(second),
                f"Keep only one of {first} and {second}.",
            )
        )
    if known.exactly_one and sum(key in found for key in known.exactly_one) != 1:
        names = ", ".join(known.exactly_one)
        out.problems.append(
            problem(
                f'{place.field}: Invalid value: "{place.field}" must validate one and only one schema (oneOf)',
                place,
                f"Give exactly one of {names}.",
            )
        )


def _scalar(value: Any, kind: Type, place: Place, out: Decoded) -> Any:
    if kind.base in ("int", "int32") and isinstance(value, float) and value.is_integer():
        value = int(value)
    if not _fits(value, kind):
        shown = json.dumps(json_type(value))
        reason = (
            f"{place.field}: Invalid value: {shown}: {place.field} in body must be of type {kind.json_name}: {shown}"
        )
        out.problems.append(problem(reason, place, _type_repair(value, kind)))
        return value
    if kind.enum and value not in kind.enum:
        allowed = ", ".join(json.dumps(name) for name in kind.enum)
        reason = f"{place.field}: Unsupported value: {json.dumps(value)}: supported values: {allowed}"
        out.problems.append(problem(reason, place, spelling.enum_repair(value, kind.enum)))
    if kind.least is not None and value < kind.least:
        reason = f"{place.field} in body should be greater than or equal to {kind.least}"
        out.problems.append(
            problem(f"{place.field}: Invalid value: {value}: {reason}", place, f"Write {kind.least}, or delete it.")
        )
    if kind.longest is not None and len(value.encode()) > kind.longest:
        reason = f"{place.field}: Too long: may not be more than {kind.longest} bytes"
        out.problems.append(problem(reason, place, f"Shorten it to {kind.longest} characters."))
    return value


def _fits(value: Any, kind: Type) -> bool:
    if kind.base == "bool":
        return isinstance(value, bool)
    if kind.base == "str":
        return isinstance(value, str)
    if kind.base == "int32":
        return type(value) is int and -(2**31) <= value < 2**31
    return kind.base == "int" and type(value) is int


def _type_repair(value: Any, kind: Type) -> str:
    if value is None:
        return "Nothing stands here: give the value, or delete the line."
    if kind.base == "list":
        return "This must be a list: write the value in a line of its own that begins with a dash."
    if kind.base == "str":
        return "This must be text: put the value in quotes."
    if kind.base == "bool":
        return "Write true or false, without quotes."
    if kind.base in ("object", "map"):
        return "This must be a mapping: fields of its own, indented below it, without a dash."
    return "Write a whole number, without quotes."
