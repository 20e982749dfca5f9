"""The types of a policy's fields, read from the compact table in `shapes`."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from grader.kyverno.shapes import LISTS, SHAPES

UNSET: Any = object()
"""Stands for the default of a field that has none."""

_TYPE = re.compile(
    r"(?P<required>!?)(?P<base>[\[{]?[A-Za-z0-9]+)(?:\((?P<enum>[^)]*)\))?"
    r"(?:>=(?P<least>\d+))?(?:<=(?P<longest>\d+))?(?:=(?P<default>.+))?"
)


@dataclass(frozen=True, slots=True)
class Type:
    """One field's type. `base` is `str`, `bool`, `int`, `int32`, `any`, `object`, `list` or `map`.

    `item` is the type of a list's or map's values, `shape` the name of an object's shape.
    """

    base: str
    item: Type | None = None
    shape: str = ""
    required: bool = False
    enum: tuple[str, ...] = ()
    least: int | None = None
    longest: int | None = None
    default: Any = UNSET

    @property
    def json_name(self) -> str:
        """The name that the API server gives this type in its messages."""
        names = {"str": "string", "bool": "boolean", "int": "integer", "int32": "integer", "list": "array"}
        return names.get(self.base, "object")


@dataclass(frozen=True, slots=True)
class Shape:
    """An object's fields. `exclusive` must not stand together, of `exactly_one` one must stand."""

    name: str
    fields: dict[str, Type] = field(default_factory=dict)
    exclusive: tuple[str, ...] = ()
    exactly_one: tuple[str, ...] = ()
    open: bool = False


def json_type(value: Any) -> str:
    """The API server's name for the type of what it was given."""
    if value is None:
        return "null"
    for kind, name in ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string"), (list, "array")):
        if isinstance(value, kind):
            return name
    return "object"


@cache
def shape(name: str) -> Shape:
    """The shape of that name; KeyError where there is none."""
    fields: dict[str, Type] = {}
    rules: dict[str, tuple[str, ...]] = {}
    for token in SHAPES[name].split():
        key, _, text = token.partition(":")
        if key.startswith("#"):
            rules[key] = tuple(text.split(","))
        else:
            fields[key] = parse(text)
    return Shape(name, fields, rules.get("#not", ()), rules.get("#one", ()), "#open" in rules)


@cache
def parse(text: str) -> Type:
    """One type from its text. ValueError where the table is wrong."""
    if text[0] in "[{":
        return Type("list" if text[0] == "[" else "map", item=parse(text[1:-1]))
    found = _TYPE.fullmatch(text)
    if not found:
        raise ValueError(f"not a type: {text}")
    base, default = found["base"], found["default"]
    if base in SHAPES:
        return Type("object", shape=base, required=bool(found["required"]))
    return Type(
        base,
        required=bool(found["required"]),
        enum=_enum(found["enum"] or ""),
        least=int(found["least"]) if found["least"] else None,
        longest=int(found["longest"]) if found["longest"] else None,
        default=UNSET if default is None else json.loads(default) if base == "bool" else default,
    )


def _enum(text: str) -> tuple[str, ...]:
    if text.startswith("@"):
        return tuple(LISTS[text[1:]])
    return tuple(text.split("|")) if text else ()


_APART = ("mutate", "generate", "cel", "manifests", "podSecurity", "foreach")
"""Fields below which no other field is looked for."""


@cache
def homes() -> dict[str, tuple[tuple[str, ...], ...]]:
    """Every field's name → the paths where it belongs in a v1 `spec`, shortest first; `[]` is a list's item."""
    found: dict[str, list[tuple[str, ...]]] = {}
    waiting: list[tuple[str, tuple[str, ...]]] = [("Spec", ("spec",))]
    for name, path in waiting:
        for key, kind in shape(name).fields.items():
            here: tuple[str, ...] = (*path, key)
            found.setdefault(key, []).append(here)
            while kind.item:
                here, kind = (*here, "[]"), kind.item
            if kind.shape and key not in _APART:
                waiting.append((kind.shape, here))
    return {key: tuple(paths) for key, paths in found.items()}
