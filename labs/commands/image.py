"""`labs image`: what is in an image, who signed it, and how two of them differ."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from grader.errors import EnvironmentFault, InputError
from labs import console
from labs import lab as labs
from labs.image import as_json, attached, bill, compare, picture, reference, tell, trusts, upstream, verify
from labs.image.attached import Image
from labs.image.bill import Found
from labs.image.certificates import Signed
from labs.image.roots import Roots
from labs.image.shelf import Shelf
from labs.image.source import Endpoint, Source
from labs.lab import Lab
from labs.registry.build import artifacts
from labs.registry.samples import OFFICIAL, REGISTRY
from labs.state import DEFAULT, write
from labs.steps.simulated.samples import build_samples

_ARCHITECTURES = {"aarch64": "arm64", "arm64": "arm64"}


@dataclass(frozen=True)
class View:
    """Where images are looked for, and whom to trust about them."""

    source: Source
    trusts: tuple[Roots, ...]

    def image(self, text: str | reference.Reference) -> Image:
        """The image of that name, for this machine's architecture."""
        wanted = reference.parse(text) if isinstance(text, str) else text
        return attached.resolve(self.source, wanted, _ARCHITECTURES.get(platform.machine().lower(), "amd64"))

    def bill(self, image: Image) -> Found | None:
        """The image's bill of materials."""
        return bill.find(self.source, image, self.trusts, _signed(None, None))


def sbom(image: str, name: str | None, form: str) -> None:
    """`labs image sbom`. Raises InputError where the image carries none."""
    view = _view(name)
    found = view.image(image)
    listed = view.bill(found)
    if listed is None:
        raise InputError("the image carries no SBOM that is about it", where=str(found.reference))
    if form == "json":
        _json(as_json.bill(str(found.reference), found.digest, listed))
    else:
        _lines(tell.bill(str(found.reference), listed))


def check(image: str, name: str | None, form: str, identity: str | None, issuer: str | None) -> None:
    """`labs image verify`: ends with 0 where the verdict is good, with 1 where it is not."""
    view = _view(name)
    found = verify.verify(view.source, view.image(image), view.trusts, _signed(identity, issuer))
    if form == "json":
        _json(as_json.verification(found))
    else:
        _lines(tell.verification(found))
    if found.verdict is not verify.Verdict.GOOD:
        sys.exit(1)


def side_by_side(image: str, other: str | None, name: str | None, form: str, svg: str | None) -> None:
    """`labs image compare`."""
    view = _view(name)
    first = reference.parse(image)
    names = (first, reference.parse(other) if other else upstream.of(first))
    images = [view.image(one) for one in names]
    bills = [view.bill(one) for one in images]
    both = [compare.facts(one, listed.bill if listed else None) for one, listed in zip(images, bills, strict=True)]
    found = compare.compare(*both)
    if svg:
        write(Path(svg).absolute(), picture.svg(found).encode(), 0o644)
    if form == "json":
        _json(as_json.comparison(found))
        return
    _lines(tell.comparison(found))
    for one, listed in zip(images, bills, strict=True):
        if listed:
            console.say(f"SBOM of {one.reference}: signature {tell.signed(listed)}")
    if svg:
        console.say(f"picture: {svg}")


def _signed(identity: str | None, issuer: str | None) -> Signed:
    return Signed(identity or OFFICIAL.subject, issuer or OFFICIAL.issuer)


def _view(name: str | None) -> View:
    lab = _lab(name)
    if lab is None:
        return View(Source(), (trusts.public(),))
    if lab.is_simulated:
        shelf = Shelf(artifacts(build_samples(lab.context())))
        return View(Source({REGISTRY: shelf}), (trusts.public(), trusts.of_lab(lab.folder.tuf)))
    port = (lab.state.get("ports") or {}).get("registry")
    if not port:
        advice = f"labs up {lab.name} goes on with it."
        raise EnvironmentFault(lab.state.problem or f"the lab {lab.name} has no registry yet", advice=advice)
    endpoint = Endpoint(f"https://127.0.0.1:{port}", lab.folder.registry / "ca.crt")
    return View(Source({REGISTRY: endpoint}), (trusts.public(), trusts.of_lab(lab.folder.tuf)))


def _lab(name: str | None) -> Lab | None:
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
