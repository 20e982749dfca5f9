"""Where a lab's images are looked into, and whom to trust about them."""

from __future__ import annotations

import platform
from dataclasses import dataclass

from grader.errors import EnvironmentFault
from labs.image import attached, bill, reference, trusts, verify
from labs.image.attached import Image
from labs.image.bill import Found
from labs.image.certificates import Signed
from labs.image.roots import Roots
from labs.image.shelf import Shelf
from labs.image.source import Endpoint, Source
from labs.image.verify import Verification
from labs.lab import Lab
from labs.registry.build import artifacts
from labs.registry.samples import OFFICIAL, REGISTRY
from labs.steps.simulated.samples import build_samples

_ARCHITECTURES = {"aarch64": "arm64", "arm64": "arm64"}
CHAINGUARD = Signed(OFFICIAL.subject, OFFICIAL.issuer)
"""Who must have signed an image of Chainguard's."""


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
        return bill.find(self.source, image, self.trusts, CHAINGUARD)

    def verify(self, image: Image, wanted: Signed = CHAINGUARD) -> Verification:
        """Who signed the image, and what that is worth."""
        return verify.verify(self.source, image, self.trusts, wanted)


def view(lab: Lab | None) -> View:
    """Of a lab, whose registry is asked first; without one of the public registries. Raises EnvironmentFault."""
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
