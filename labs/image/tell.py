"""What was found, as text for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from grader.text import one_line
from labs.image import platforms, words
from labs.image.attached import Image
from labs.image.bill import Found
from labs.image.compare import Comparison, Facts
from labs.image.trusts import told
from labs.image.verify import Finding, Verdict, Verification

_MOST = 20


def verification(found: Verification, *, details: bool = True) -> Iterator[str]:
    """Verdict first, then each signature, then each attestation; without `details` the one that decided alone."""
    yield f"verdict   {_verdict(found)}"
    yield f"image     {found.image.reference}"
    yield f"digest    {found.image.digest}"
    yield from platform(found.image)
    yield f"asked for {found.wanted.subject}"
    yield f"          issuer {found.wanted.issuer}"
    both = (("signature", found.signatures), ("attestation", found.attestations))
    told = [(title, one) for title, findings in both for one in findings]
    decisive = _decisive(found)
    shown = told if details else [one for one in told if one[1] is decisive]
    for title, one in shown:
        yield ""
        yield from _finding(title, one)
    if len(shown) < len(told):
        yield ""
        yield f"{len(told) - len(shown)} more signatures and attestations: --details tells of each."


def _decisive(found: Verification) -> Finding | None:
    """The signature that the verdict rests on."""
    return next((one for one in found.signatures if one.verdict is found.verdict), None)


def _verdict(found: Verification) -> str:
    best = _decisive(found)
    if best is None:
        return f"{found.verdict}: no signature hangs on this digest"
    return f"{found.verdict}: {one_line(best.reason or f'vouched for by {told(best.trust)}', 400)}"


def _finding(title: str, one: Finding) -> Iterator[str]:
    yield f"{title}, {one.form}: {one.verdict}" + (f" ({one_line(one.reason, 400)})" if one.reason else "")
    rows = [
        ("about", one.about),
        ("content", one.kind),
        ("identity", one.signer.subject if one.signer else ""),
        ("issuer", one.signer.issuer if one.signer else ""),
        ("log entry", _entry(one)),
        ("trust", told(one.trust) if one.trust else ""),
        *(("checked", part) for part in one.checked),
        *(("not checked", part) for part in one.unchecked),
    ]
    yield from (f"  {name:11} {one_line(value, 400)}" for name, value in rows if value)


def _entry(one: Finding) -> str:
    claimed = "" if one.trust else " (claimed)"
    time = f", {one.logged:%Y-%m-%d %H:%M:%S} UTC" if one.logged else ""
    return f"{one.index}{time}{claimed}" if one.index is not None else "none"


def platform(image: Image) -> Iterator[str]:
    """Which one of an index was looked at; nothing for an image of one platform."""
    if image.platform:
        yield f"platform  {platforms.told(image.platform)}"


def bill(image: Image, found: Found) -> Iterator[str]:
    """Where the bill comes from, then its packages."""
    yield f"image     {image.reference}"
    yield from platform(image)
    yield f"SBOM      {found.bill.format}, packages: {len(found.bill.packages)}"
    yield f"signature {signed(found)}"
    yield ""
    rows = [("PACKAGE", "VERSION", "LICENCE")]
    rows += [(one.name, one.version or "-", one.licence or "-") for one in found.bill.packages]
    yield from table(rows)


def signed(found: Found) -> str:
    """Whether the bill's signature was verified, in words."""
    one = found.finding
    who = f" by {one.signer.subject}" if one.signer else ""
    if one.verdict is Verdict.UNSIGNED:
        return "none: nobody vouches for this SBOM"
    if not one.trust:
        return one_line(f"does not hold ({one.form}): {one.reason}", 600)
    other = f" ({one.reason})" if one.reason else ""
    return one_line(f"verified ({one.form}){who}{other}; trust: {told(one.trust)}", 1000)


def comparison(found: Comparison) -> Iterator[str]:
    """Both images side by side, what differs, and who vouches for either list."""
    both = (found.one, found.other)
    yield from table(
        [
            ("", *(one_line(one.name) for one in both)),
            *([("platform", *(platform_of(one) for one in both))] if any(one.platform for one in both) else []),
            ("packages", *(_packages(one) for one in both)),
            ("packed size", *(words.size(one.size) for one in both)),
            ("layers", *(str(one.layers) for one in both)),
        ]
    )
    yield from _matched(found)
    for one in both:
        if one.found:
            yield f"SBOM of {one_line(one.name, 600)}: the SBOM's own signature: {signed(one.found)}"


def _matched(found: Comparison) -> Iterator[str]:
    if not (found.one.bill and found.other.bill):
        yield "Packages cannot be matched: an image without an SBOM does not say what is in it."
        return
    yield from _listed("the same in both", [f"{one.name} {one.version}" for one in found.same])
    yield from _listed("in another version", [f"{a.name} {a.version} / {b.version}" for a, b in found.differing])
    yield from _listed("only in the first", [f"{one.name} {one.version}" for one in found.only_one])
    yield from _listed("only in the second", [f"{one.name} {one.version}" for one in found.only_other])


def _packages(facts: Facts) -> str:
    return "carries no SBOM" if facts.packages is None else str(facts.packages)


def platform_of(facts: Facts) -> str:
    """Which platform of an index is compared."""
    return platforms.told(facts.platform) if facts.platform else "the only one"


def _listed(title: str, lines: Sequence[str]) -> Iterator[str]:
    yield f"{title}: {len(lines)}"
    yield from (f"  {line}" for line in lines[:_MOST])
    if len(lines) > _MOST:
        yield f"  … and {len(lines) - _MOST} more: --format json lists them all"


def table(rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """Columns set to the width of their longest cell, at most 60."""
    kept = [tuple(one_line(cell, 100) for cell in row) for row in rows]
    widths = [min(max(map(len, column)), 60) for column in zip(*kept, strict=True)]
    for row in kept:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
