"""`labs image`: what is in an image, who signed it, and how two of them differ."""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Iterable
from pathlib import Path

from grader.errors import InputError
from grader.files import replace
from grader.text import quoted
from labs import console
from labs import lab as labs
from labs.image import as_json, compare, picture, reference, tell, upstream, verify
from labs.image.certificates import Signed
from labs.lab import Lab
from labs.learning.lab_images import CHAINGUARD, View, view
from labs.state import DEFAULT


def sbom(image: str, name: str | None, form: str) -> None:
    """`labs image sbom`. Raises InputError where the image carries none."""
    looking = _view(name)
    found = looking.image(image)
    listed = looking.bill(found)
    if listed is None:
        raise InputError("the image carries no SBOM that is about it", where=str(found.reference))
    if form == "json":
        _json(as_json.bill(found, listed))
    else:
        _lines(tell.bill(found, listed))


def check(
    image: str, name: str | None, form: str, identity: str | None, issuer: str | None, *, details: bool = False
) -> None:
    """`labs image verify`: ends with 0 where the verdict is good, with 1 where it is not."""
    looking = _view(name)
    found = looking.verify(looking.image(image), _signed(identity, issuer))
    if form == "json":
        _json(as_json.verification(found))
    else:
        _lines(tell.verification(found, details=details))
    if found.verdict is not verify.Verdict.GOOD:
        sys.exit(1)


def side_by_side(image: str, other: str | None, name: str | None, form: str, svg: str | None) -> None:
    """`labs image compare`. Raises InputError where the picture has no place."""
    picture_file = _place(svg) if svg else None
    looking = _view(name)
    first = reference.parse(image)
    names = (first, reference.parse(other) if other else upstream.of(first))
    images = [looking.image(one) for one in names]
    found = compare.compare(*(compare.facts(one, looking.bill(one)) for one in images))
    if picture_file:
        replace(picture_file, picture.svg(found).encode())
    if form == "json":
        _json(as_json.comparison(found))
        return
    _lines(tell.comparison(found))
    if svg:
        console.say(f"picture: {svg}")


def _place(text: str) -> Path:
    """The file to write, whose folder is there: none is made for a name that may be mistyped."""
    file = Path(text).absolute()
    if os.path.isdir(file):
        raise InputError("this is a folder, not a file", where=text, advice="Name a file for the picture in it.")
    if not os.path.isdir(file.parent):
        raise InputError(
            f"there is no folder {quoted(str(file.parent))} for the picture",
            where=text,
            advice=f"Make it first: mkdir -p {shlex.quote(str(file.parent))}",
        )
    return file


def _signed(identity: str | None, issuer: str | None) -> Signed:
    return Signed(identity or CHAINGUARD.subject, issuer or CHAINGUARD.issuer)


def _view(name: str | None) -> View:
    return view(chosen(name))


def chosen(name: str | None) -> Lab | None:
    """The lab named, else the shell's own, else the default one, else the only one there is. Raises NoLab."""
    wanted = name or os.environ.get("PLATFORM_LAB")
    if wanted:
        return labs.find(wanted)
    known = labs.names()
    if DEFAULT in known or len(known) == 1:
        return labs.find(DEFAULT if DEFAULT in known else known[0])
    return None


def _json(document: object) -> None:
    _lines(json.dumps(document, indent=1).splitlines())


def _lines(lines: Iterable[str]) -> None:
    """Each line by itself: what is written at once is cut off at a length."""
    for line in lines:
        console.say(line)
