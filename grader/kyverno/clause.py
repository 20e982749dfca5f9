"""A clause of a policy that explains an answer."""

from __future__ import annotations

from dataclasses import dataclass

from grader.kyverno.place import Place
from grader.text import one_line


@dataclass(frozen=True, slots=True)
class Clause:
    """`name` is the field that decides (`namespaces`, `imageReferences`, `failureAction`, …), `text` one sentence on
    what it does to the request, `repair` one on what to write instead, `meaning` one on what follows from it; all are
    cleaned."""

    name: str
    text: str
    place: Place
    repair: str = ""
    meaning: str = ""

    @property
    def where(self) -> str:
        """`file:line:column`."""
        return str(self.place)


def clause(name: str, text: str, place: Place, repair: str = "", meaning: str = "") -> Clause:
    """A Clause with its texts cleaned."""
    return Clause(name, one_line(text, 500), place, one_line(repair, 400), one_line(meaning, 400))
