"""What a demonstration shows: an explanation, a request, its answer, and tables to look into. Every text is cleaned."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grader.text import clean, one_line

_LONG = 4000
_CELL = 300
_MOST = 5000

Detail = tuple[str, str]
"""A label and a text, which may have several lines."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table; `details` are what it opens to."""

    cells: tuple[str, ...]
    details: tuple[Detail, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """Rows below the names of their columns."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """One thing shown. `request` is what `kubectl` or `labs` would be told to see the same; `answer` is what came."""

    title: str
    explanation: str
    request: str
    answer: str
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """A scene that can be asked for by its `id`; `topic` is the word that `labs look` knows it by."""

    id: str
    topic: str
    title: str


def row(cells: Iterable[str], details: Iterable[Detail] = ()) -> Row:
    """A row with its texts cleaned; details that say nothing are left out."""
    told = tuple((one_line(label, 40), clean(text, _LONG)) for label, text in details if text)
    return Row(tuple(one_line(cell, _CELL) for cell in cells), told)


def table(title: str, columns: Sequence[str], rows: Iterable[Row]) -> Table:
    """A table, at most 5000 rows of it."""
    return Table(one_line(title, _CELL), tuple(columns), tuple(rows)[:_MOST])


def scene(title: str, explanation: str, request: str, answer: str, tables: Iterable[Table] = ()) -> Scene:
    """A scene with its texts cleaned."""
    explained, asked, answered = (clean(one, _LONG) for one in (explanation, request, answer))
    return Scene(one_line(title, _CELL), explained, asked, answered, tuple(tables))
