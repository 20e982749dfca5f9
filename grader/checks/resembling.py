"""What is easily taken for the policy asked for: another kind, another group, a name that is misspelt."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from grader.checks.candidates import KIND, Likeness, Lookalike, Tree
from grader.checks.commands import Show, folder_of
from grader.errors import EnvironmentFault
from grader.kyverno.spelling import nearest
from grader.manifest import Document
from grader.text import one_line, quoted

_ORDER = (
    Likeness.OTHER_GROUP,
    Likeness.SPELLING,
    Likeness.IMAGE_VALIDATING,
    Likeness.POLICY,
    Likeness.LINK,
    Likeness.UNREAD,
    Likeness.NO_KIND,
)
_NEEDED = {"apiVersion": "write kyverno.io/v1", "kind": f"write kind: {KIND}"}


@dataclass(frozen=True, slots=True)
class Instead:
    """What was found where a policy was asked for: a sentence, a command that shows it, and its place."""

    seen: str
    following: str
    where: str | None = None


def likeliest(tree: Tree, show: Show) -> Instead | None:
    """What most resembles the policy. Raises EnvironmentFault where that is a file too large to be read."""
    found = min(tree.lookalikes, key=lambda one: (_ORDER.index(one.likeness), one.file.path), default=None)
    return _told(found, show) if found else None


def _told(found: Lookalike, show: Show) -> Instead:
    path = quoted(found.file.path)
    if found.likeness is Likeness.UNREAD:
        message = f"{path} is larger than is read here ({found.file.size} bytes), and may hold the policy"
        raise EnvironmentFault(
            message, where=f"{one_line(found.file.path, 300)}:1:1", advice="Put the policy into a file of its own."
        )
    if found.document is None:
        what = f"{path} is a symbolic link, which is not followed: put the manifest itself there."
        return Instead(what, show.listing(folder_of(found.file.path)), f"{found.file.path}:1:1")
    field = "apiVersion" if found.likeness is Likeness.OTHER_GROUP else "kind"
    if found.document.value.get(field) is None:
        return _lacking(found, found.document, field, show)
    line = found.document.position(field).line
    return Instead(_what(found, found.document, field), show.lines(found.file.path, line), found.document.where(field))


def _what(found: Lookalike, document: Document, field: str) -> str:
    path, written = quoted(found.file.path), quoted(_written(document.value.get(field)))
    return {
        Likeness.OTHER_GROUP: f"{path} holds a ClusterPolicy of apiVersion {written}, which Kyverno does not know: "
        "write kyverno.io/v1.",
        Likeness.IMAGE_VALIDATING: f"{path} holds an {document.kind}. That kind works, and Kyverno recommends it "
        "since 1.17; the exercise asks for a ClusterPolicy. Its fields are others: write the policy anew.",
        Likeness.POLICY: f"{path} holds a Policy, which lives in one namespace; the exercise asks for a ClusterPolicy.",
    }.get(
        found.likeness,
        f"{path} holds an object of kind {written}: the kind is spelled ClusterPolicy, and the case of every letter "
        "counts.",
    )


def _lacking(found: Lookalike, document: Document, field: str, show: Show) -> Instead:
    """The object has no such field, or one that is only spelled like it."""
    like = next((key for key in document.value if key != field and nearest(key, (field,))), field)
    place = document.position(like)
    what = f"{quoted(found.file.path)} has no {field}"
    if like != field:
        mend = "capitals count" if like.lower() == field.lower() else f"write {field}"
        what = f"{what}; line {place.line} says {quoted(like)}: {mend}."
    else:
        what = f"{what}: {_NEEDED[field]}."
    return Instead(what, show.lines(found.file.path, place.line), document.where(like))


def _written(value: Any) -> str:
    """A value as a file holds it."""
    return value if isinstance(value, str) else json.dumps(value)
