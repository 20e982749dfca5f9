"""What is in an image and who signed it, as tables; a Chainguard image beside upstream's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from grader.errors import LabsError
from labs.image import as_json, compare, reference, tell, upstream, words
from labs.image.attached import Image
from labs.image.bill import Found
from labs.image.sbom import Package
from labs.image.verify import Finding, Verification
from labs.learning.demonstrations.scene import Detail, Row, Scene, Table, row, scene, table
from labs.learning.demonstrations.world import World
from labs.learning.lab_images import View

SAMPLES = "The lab's samples: who signed them, and what is in them"
_SAMPLES_WHY = (
    "Each sample is right, or wrong in one way only. An SBOM lists what is in an image; a signature says who made it. "
    "Both hang on the image's digest, so they cannot be moved to another. Open a row to see what was checked."
)
_ONE_WHY = (
    "The list of packages is the image's SBOM, and it is worth as much as its signature. A signature is good where "
    "Chainguard's release workflow made it, its issuer vouched for that, and the log knows it."
)
_WHAT = ("what", "verdict", "signed by", "log entry")
_PACKAGES = ("package", "version", "licence")


def samples(world: World, view: View) -> Scene:
    """All samples of the lab, side by side. Raises EnvironmentFault where the lab does not name them."""
    rows = [_sample(view, name, one.reference("tag")) for name, one in world.facts.samples.items()]
    good = sum(one.cells[1] == "good" for one in rows)
    answer = f"{len(rows)} samples were looked into; {good} have a good signature."
    listed = table("samples", ("sample", "verdict", "packages", "signed by", "image"), rows)
    return scene(SAMPLES, _SAMPLES_WHY, "labs image verify IMAGE; labs image sbom IMAGE", answer, [listed])


def _sample(view: View, name: str, text: str) -> Row:
    try:
        image = view.image(text)
        verified, bill = view.verify(image), view.bill(image)
    except LabsError as error:
        return row((name, "could not be read", "", "", text), [("fault", error.diagnostics())])
    best = next((one for one in verified.signatures if one.verdict is verified.verdict), None)
    who = _short(best.signer.subject) if best and best.signer else "nobody"
    who += " (it says)" if best and not best.trust else ""
    packages = str(len(bill.bill.packages)) if bill else "no SBOM"
    details = [("verified", "\n".join(tell.verification(verified))), *_of_bill(bill)]
    return row((name, verified.verdict.value, packages, who, text), details)


def _short(identity: str) -> str:
    return identity.removeprefix("https://github.com/")


def _of_bill(found: Found | None) -> Iterator[Detail]:
    if found:
        listed = "\n".join(f"{one.name} {one.version}" for one in found.bill.packages[:40])
        yield "SBOM", f"{found.bill.format}; signature {tell.signed(found)}\n{listed}"


def show(view: View, text: str) -> Scene:
    """One image: signatures, packages, and upstream beside it where the course knows one. Raises LabsError."""
    image = view.image(text)
    verified, bill = view.verify(image), view.bill(image)
    name = str(image.reference)
    answer = [f"digest    {image.digest}", *tell.platform(image), f"verdict   {verified.verdict.value}", _told_of(bill)]
    tables = [_signatures(verified), *([_packages(bill.bill.packages)] if bill else [])]
    try:
        tables += _beside(view, image, bill)
    except LabsError as error:
        answer.append(f"Upstream's image could not be put beside it: {error.diagnostics()}")
    request = f"labs image verify {name}\nlabs image sbom {name}\nlabs image compare {name}"
    return scene(f"Inside {name}", _ONE_WHY, request, "\n".join(answer), tables)


def _told_of(bill: Found | None) -> str:
    if bill is None:
        return "SBOM      none: the image does not say what is in it"
    return f"SBOM      {bill.bill.format}, {words.packages(len(bill.bill.packages))}; signature {tell.signed(bill)}"


def _signatures(verified: Verification) -> Table:
    rows = [_finding("signature", one) for one in verified.signatures]
    rows += [_finding("attestation", one) for one in verified.attestations]
    return table("signatures and attestations", _WHAT, rows)


def _finding(what: str, one: Finding) -> Row:
    told = as_json.finding(one)
    entry = "none" if one.index is None else f"{one.index}, {told['loggedAt'] or 'time not told'}"
    details: list[Detail] = [
        ("verdict", f"{one.verdict.value}. {one.reason}".strip()),
        ("about", one.about),
        ("content", one.kind),
        ("identity", told["identity"] or "none"),
        ("issuer", told["issuer"] or "none"),
        ("log entry", entry if one.trust else f"{entry} (claimed, not proved)"),
        ("trust", told["trust"] or "it does not hold by any trust that this lab has"),
        ("checked", "\n".join(one.checked) or "nothing"),
        ("not checked", "\n".join(one.unchecked)),
    ]
    return row((f"{what}, {one.form}", one.verdict.value, _short(told["identity"] or "nobody"), entry), details)


def _packages(packages: Iterable[Package]) -> Table:
    rows = [
        row((one.name, one.version or "-", one.licence or "-"), [("package", one.name), ("address", one.purl)])
        for one in packages
    ]
    return table(f"packages ({len(rows)})", _PACKAGES, rows)


def _beside(view: View, image: Image, bill: Found | None) -> Iterator[Table]:
    """Nothing where the course knows no upstream image. Raises LabsError where it cannot be read."""
    wanted = _upstream(image.reference)
    if wanted is None:
        return
    other = view.image(wanted)
    found = compare.compare(compare.facts(image, bill), compare.facts(other, view.bill(other)))
    both = (found.one, found.other)
    known = [str(one.packages) if one.packages is not None else "no SBOM" for one in both]
    facts = [
        *([row(("platform", *(tell.platform_of(one) for one in both)))] if any(one.platform for one in both) else []),
        row(("packages", *known)),
        row(("packed size", *(words.size(one.size) for one in both))),
        row(("layers", *(str(one.layers) for one in both))),
        row(("SBOM's signature", *(one.found.finding.verdict.value if one.found else "-" for one in both))),
        row(("signature", view.verify(image).verdict.value, view.verify(other).verdict.value)),
    ]
    yield table("beside upstream", ("", found.one.name, found.other.name), facts)
    if not (found.one.bill and found.other.bill):
        return
    rows = [row((one.name, one.version, "not there")) for one in found.only_one]
    rows += [row((one.name, one.version, other.version)) for one, other in found.differing]
    rows += [row((one.name, "not there", one.version)) for one in found.only_other]
    yield table("packages that differ", ("package", "here", "upstream"), rows)


def _upstream(image: reference.Reference) -> reference.Reference | None:
    try:
        return upstream.of(image)
    except LabsError:
        return None
