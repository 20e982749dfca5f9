"""Where a value of a policy stands: its document and its path there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from grader.manifest import Document, Path, Step


@dataclass(frozen=True, slots=True)
class Place:
    """A value's document and path. `root` steps lead to the object itself (an item of a List)."""

    document: Document
    path: Path = ()
    root: int = 0

    def at(self, *steps: Step) -> Place:
        """The place further down."""
        return Place(self.document, self.path + steps, self.root)

    @property
    def field(self) -> str:
        """The path inside the object, as Kubernetes writes it: `spec.rules[0].match`."""
        return dotted(self.path[self.root :])

    def __str__(self) -> str:
        """`file:line:column`, of the nearest ancestor where the value itself is not written out."""
        return self.document.where(*self.path)

    @property
    def value(self) -> Any:
        """What is written there, or None."""
        found = self.document.value
        for step in self.path:
            try:
                found = found[step]
            except (KeyError, IndexError, TypeError):
                return None
        return found


def dotted(path: Path) -> str:
    """A path as Kubernetes writes it."""
    parts = [f"[{step}]" if isinstance(step, int) else f".{step}" for step in path]
    return "".join(parts).removeprefix(".")


def expand(documents: list[Document]) -> list[Place]:
    """The objects of documents, a `kind: List` taken apart as kubectl and Argo CD do."""
    found = []
    for document in documents:
        value = document.value
        items = value.get("items") if isinstance(value, dict) else None
        if isinstance(items, list) and document.kind.endswith("List"):
            found += [Place(document, ("items", index), 2) for index in range(len(items))]
        else:
            found.append(Place(document))
    return found
