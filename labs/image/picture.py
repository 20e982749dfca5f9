"""A comparison as an SVG picture: packages and size of both images as bars."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from grader.text import one_line
from labs.image import platforms, words
from labs.image.compare import Comparison, Facts

_WIDTH = 720
_BAR = 420
_COLOURS = ("#1f5fbf", "#a4521a")  # both over 4.5:1 on white


def svg(comparison: Comparison) -> str:
    """The picture as a document that needs nothing else."""
    both = (comparison.one, comparison.other)
    parts = [_text(20, 30, "What is inside", 18)]
    counts, sizes = [facts.packages for facts in both], [facts.size for facts in both]
    parts += _group(60, "packages", counts, [words.packages(count) for count in counts])
    parts += _group(170, "packed size", sizes, [words.size(size) for size in sizes])
    parts += [_key(280 + 38 * row, facts, _COLOURS[row]) for row, facts in enumerate(both)]
    shared = (
        f"{words.packages(len(comparison.same))} the same in both, {len(comparison.differing)} in another version, "
        f"{len(comparison.only_one)} only in the first, {len(comparison.only_other)} only in the second."
    )
    if comparison.one.bill and comparison.other.bill:
        parts.append(_text(20, 362, shared, 13))
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="380" viewBox="0 0 {_WIDTH} 380" '
        f'role="img" aria-label="{_escaped(_spoken(comparison), 2000)}">\n'
        f'<rect width="100%" height="100%" fill="#ffffff"/>\n{body}\n</svg>\n'
    )


def _group(top: int, title: str, values: Sequence[int | None], told: list[str]) -> list[str]:
    most = max([value for value in values if value] or [1])
    parts = [_text(20, top, title, 14)]
    for row, (value, word) in enumerate(zip(values, told, strict=True)):
        width = max(round(_BAR * value / most), 1) if value else 0
        y = top + 12 + 34 * row
        if width:
            parts.append(f'<rect x="20" y="{y}" width="{width}" height="24" fill="{_COLOURS[row]}"/>')
        parts.append(_text(30 + width, y + 17, word, 13))
    return parts


def _key(y: int, facts: Facts, colour: str) -> str:
    parts = [f'<rect x="20" y="{y - 12}" width="14" height="14" fill="{colour}"/>', _text(42, y, facts.name, 13)]
    return "\n".join([*parts, *([_text(42, y + 16, platforms.told(facts.platform), 12)] if facts.platform else [])])


def _text(x: int, y: int, text: str, size: int) -> str:
    shown = _escaped(text, 110)
    return f'<text x="{x}" y="{y}" font-family="sans-serif" font-size="{size}" fill="#1a1a1a">{shown}</text>'


def _escaped(text: str, limit: int) -> str:
    """Without the two characters of the basic plane that `one_line` leaves and XML 1.0 (2.2, Char) has no place for."""
    return escape(one_line(text, limit).replace("\ufffe", "").replace("\uffff", ""))


def _spoken(comparison: Comparison) -> str:
    return "; ".join(
        f"{facts.name}: {words.packages(facts.packages)}, {words.size(facts.size)}"
        for facts in (comparison.one, comparison.other)
    )
