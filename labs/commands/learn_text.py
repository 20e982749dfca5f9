"""The course's Markdown as plain lines: no marks, no boxes; what code, a list or a table is, is said in words."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from grader.text import clean

_NAMES = {"h1": "Module", "h2": "Section", "h3": "Part"}
_WIDTH = 79
_MOST = 1 << 20


def plain(markdown: str, anchor: str | None = None) -> list[str]:
    """The lines of a text, or of the part below the heading that `anchor` names; none where there is none."""
    tokens = MarkdownIt("commonmark").enable("table").parse(clean(markdown, _MOST))
    if anchor is not None:
        tokens = _part(tokens, anchor)
    return [line for block in _blocks(tokens) for line in (*block, "")]


def inline(markdown: str) -> str:
    """One paragraph's words."""
    return " ".join(
        _words(token) for token in MarkdownIt("commonmark").parse(clean(markdown)) if token.type == "inline"
    )


def slug(heading: str) -> str:
    """The anchor of a heading, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


def _part(tokens: Sequence[Token], anchor: str) -> list[Token]:
    """A heading and all below it, up to the next one that is not deeper."""
    found: list[Token] = []
    depth = ""
    for index, token in enumerate(tokens):
        if token.type == "heading_open":
            if depth and token.tag <= depth:
                break
            if not depth and slug(_words(tokens[index + 1])) == anchor:
                depth = token.tag
        if depth:
            found.append(token)
    return found


def _blocks(tokens: Sequence[Token]) -> Iterator[list[str]]:
    """Each paragraph, heading, code block, list item and table row by itself."""
    mark, table = "", _Table()
    numbers: list[int] = []
    for index, token in enumerate(tokens):
        if token.type == "heading_open":
            mark = f"{_NAMES.get(token.tag, 'Heading')}: "
        elif token.type in ("bullet_list_open", "ordered_list_open"):
            numbers.append(int(token.attrs.get("start", 1)) if token.type == "ordered_list_open" else -1)
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            numbers.pop()
        elif token.type == "list_item_open":
            mark = "- " if numbers[-1] < 0 else f"{numbers[-1]}. "
            numbers[-1] += 0 if numbers[-1] < 0 else 1
        elif token.type in ("fence", "code_block"):
            yield _code(token)
        elif token.type == "tr_close":
            if row := table.row():
                yield textwrap.wrap(row, _WIDTH, subsequent_indent="  ")
        elif token.type == "table_open":
            table = _Table()
        elif token.type == "inline" and tokens[index - 1].type in ("th_open", "td_open"):
            table.cell(_words(token), head=tokens[index - 1].type == "th_open")
        elif token.type == "inline":
            yield textwrap.wrap(mark + _words(token), _WIDTH, subsequent_indent="  " if numbers else "")
            mark = ""


def _code(token: Token) -> list[str]:
    language = token.info.split()[0] if token.info.split() else ""
    named = f"Code ({language}):" if language else "Code:"
    return [named, *("    " + line for line in token.content.rstrip("\n").split("\n")), "End of code."]


class _Table:
    """A table row by row: each cell after the name of its column."""

    def __init__(self) -> None:
        self._heads: list[str] = []
        self._cells: list[str] = []

    def cell(self, words: str, *, head: bool) -> None:
        (self._heads if head else self._cells).append(words)

    def row(self) -> str:
        """What the cells since the last row say; empty for the row of the names."""
        cells, self._cells = self._cells, []
        return "; ".join(f"{head}: {cell}" if head else cell for head, cell in zip(self._heads, cells, strict=False))


def _words(token: Token) -> str:
    """The text of inline Markdown; an address stands behind its link's words."""
    found: list[str] = []
    addresses: list[str] = []
    for child in token.children or ():
        if child.type == "link_open":
            addresses.append(str(child.attrs.get("href", "")))
        elif child.type == "link_close":
            address = addresses.pop()
            found.append("" if address.startswith("#") else f" ({address})")
        elif child.type == "code_inline":
            found.append(f"“{child.content}”")
        elif child.type in ("softbreak", "hardbreak"):
            found.append(" ")
        else:
            found.append(child.content)
    return "".join(found)
