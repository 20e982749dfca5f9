"""What in an attestor lets more pass than a plain subject, a plain issuer and the log would."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from grader.kyverno import attestors, items, trust, wildcard
from grader.kyverno.attestors import Asked
from grader.kyverno.clause import Clause, clause
from grader.kyverno.doubt import CannotTell
from grader.kyverno.items import Check
from grader.kyverno.place import Place
from grader.kyverno.problem import Problem
from grader.kyverno.request import Image
from grader.kyverno.trust import Known
from grader.text import quoted

_WHOLE = "It has to begin with ^, end with $ and be the whole value between them."


def loose(check: Check, image: Image, known: Known = trust.NOTHING) -> list[Clause]:
    """The loose clauses of those attestors that accept `image`. Empty where nothing of the item accepts it."""
    found: list[Clause] = []
    for entry, place in _accepting(check, image, known):
        if entry.get("keyless") is not None:
            found += of_keyless(entry["keyless"], place.at("keyless"))
        found += _of_roots(entry, place, image)
    return found


def fitting(check: Check, image: Image, known: Known = trust.NOTHING) -> list[Clause]:
    """The expressions by which attestors accept an `image` that should not pass, however tight they look."""
    found = []
    for entry, place in _accepting(check, image, known):
        keyless = entry.get("keyless") or {}
        names = [name for name in ("subject", "issuer") if keyless.get(f"{name}RegExp")]
        if names:
            here = place.at("keyless", f"{names[0]}RegExp") if len(names) == 1 else place.at("keyless")
            text = (
                f"the {' and the '.join(f'{name}RegExp' for name in names)} fit{'s' if len(names) == 1 else ''} it too"
            )
            found.append(clause(str(here.path[-1]), text, here, f"Write the exact {' and '.join(names)}."))
    return found


def _accepting(check: Check, image: Image, known: Known) -> Iterator[tuple[Mapping[str, Any], Place]]:
    """The entries that accept `image`, with their places."""
    for entry, place in entries(check):
        try:
            refused = attestors.refusal(Asked(image, check.body, check.place, known), [{"entries": [entry]}], place)
        except CannotTell:
            continue
        if refused is None:
            yield entry, place


def _of_roots(entry: Mapping[str, Any], place: Place, image: Image) -> Iterator[Clause]:
    """Certificates that let in whoever has one of an authority: of any name, or of an authority of nobody's."""
    if (entry.get("certificates") or {}).get("certChain"):
        text = "certificates with a certChain ask for no subject and no issuer: any name passes"
        yield clause("certificates", text, place.at("certificates"), "Write keyless with subject and issuer instead.")
    if (entry.get("keyless") or {}).get("roots") and any(one.authority != "lab" for one in image.signatures):
        text = "among these certificates is another than the public authority's"
        yield clause("roots", text, place.at("keyless", "roots"), "Keep the public authority's root alone.")


def entries(check: Check) -> Iterator[tuple[Mapping[str, Any], Place]]:
    """All entries of an item's attestors, nested ones too, with their places."""
    for index, one in enumerate(check.attestors):
        yield from _of_set(one, check.attestors_place.at(index))


def _of_set(one: Mapping[str, Any], place: Place) -> Iterator[tuple[Mapping[str, Any], Place]]:
    for index, entry in enumerate(one.get("entries") or []):
        here = place.at("entries", index)
        if entry.get("attestor") is None:
            yield entry, here
            continue
        inner = items.nested(entry, here.at("attestor"))
        if not isinstance(inner, Problem):
            yield from _of_set(inner, here.at("attestor"))


def of_keyless(keyless: Mapping[str, Any], place: Place) -> Iterator[Clause]:
    """The loose clauses of one keyless attestor: subject, issuer, log, certificate log."""
    for name in ("subject", "issuer"):
        yield from _name(keyless, name, place)
    if trust.ignores_log(keyless):
        text = "ignoreTlog: a signature counts without an entry in the transparency log"
        yield clause("ignoreTlog", text, place.at("rekor", "ignoreTlog"), "Delete ignoreTlog.")
    if (keyless.get("ctlog") or {}).get("ignoreSCT"):
        text = "ignoreSCT: a certificate counts without an entry in the certificate log"
        yield clause("ignoreSCT", text, place.at("ctlog", "ignoreSCT"), "Delete ignoreSCT.")


def _name(keyless: Mapping[str, Any], name: str, place: Place) -> Iterator[Clause]:
    plain, expression = keyless.get(name) or "", keyless.get(f"{name}RegExp") or ""
    if not plain and not expression:
        text = f"this keyless entry asks for no {name}: any {name} passes"
        yield clause(name, text, place, f"Add {name} with the exact value to keyless.")
    if wildcard.contains(plain):
        text = f"the {name} {quoted(plain)} has a wildcard: whatever fits it passes"
        yield clause(name, text, place.at(name), f"Write the exact {name}, without * and ?.")
    if expression and not anchored(expression):
        text = f"the {name}RegExp {quoted(expression)} is not anchored: a text that only contains it passes"
        yield clause(f"{name}RegExp", text, place.at(f"{name}RegExp"), _WHOLE)
    elif expression and ".*" in expression:
        text = f"the {name}RegExp {quoted(expression)} leaves a part open"
        yield clause(f"{name}RegExp", text, place.at(f"{name}RegExp"), f"Write the exact {name}.")


def anchored(expression: str) -> bool:
    """Whether a regular expression begins with ^ and ends with $, with no alternative outside of brackets."""
    inner = expression.removeprefix("(?i)")
    start = inner.startswith(("^", r"\A"))
    end = (inner.endswith("$") and not inner.endswith(r"\$")) or inner.endswith(r"\z")
    return start and end and not _open_alternative(inner)


def _open_alternative(expression: str) -> bool:
    depth = 0
    escaped = in_class = False
    for character in expression:
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = True
        elif in_class:
            in_class = character != "]"
        elif character == "[":
            in_class = True
        elif character in "()":
            depth += 1 if character == "(" else -1
        elif character == "|" and depth == 0:
            return True
    return False
