"""The course's Markdown as plain lines: no marks, no boxes; what code, a list or a table is, is said in words.

Code stands at the left margin, so that it can be copied, and is numbered through the whole text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

from grader.text import clean
from labs.commands.learn_fold import folded
from labs.learning.fence import NETWORK, Fence

_CODE = ("fence", "code_block")
_NAMES = {"h1": "Module", "h2": "Section", "h3": "Part"}
_MOST = 1 << 20


@dataclass(frozen=True, slots=True)
class Section:
    """One heading of a text: how deep it stands (1 the title), its anchor, and how many lines stand right below it."""

    title: str
    anchor: str
    depth: int
    lines: int


@dataclass(frozen=True, slots=True)
class Code:
    """One block of code: its text as it is, and what its fence says of it."""

    text: str
    fence: Fence


def plain(markdown: str, anchor: str | None = None, *, whole: bool = True) -> list[str]:
    """The lines of a text, or of the part below the heading that `anchor` names; none where there is none.

    Not `whole`: only as far as the next heading, whatever its depth.
    """
    tokens = _tokens(markdown)
    sections = {slug(title): title for title, _ in _headings(tokens)}
    chosen = tokens if anchor is None else _part(tokens, anchor, whole=whole)
    return [line for block in _blocks(chosen, sections) for line in (*block, "")]


def sections(markdown: str) -> list[Section]:
    """Every heading, in order."""
    tokens = _tokens(markdown)
    found = []
    for title, depth in _headings(tokens):
        lines = sum(len(block) + 1 for block in _blocks(_part(tokens, slug(title), whole=False), {}))
        found.append(Section(title, slug(title), depth, lines))
    return found


def codes(markdown: str) -> list[Code]:
    """Every block of code, in order: the first is number 1."""
    return [Code(token.content, Fence.of(token.info)) for token in _tokens(markdown) if token.type in _CODE]


def _tokens(markdown: str) -> list[Token]:
    """The text's tokens; those of code know their numbers."""
    tokens = MarkdownIt("commonmark").enable("table").parse(clean(markdown, _MOST))
    for number, token in enumerate((one for one in tokens if one.type in _CODE), 1):
        token.meta["number"] = number
    return tokens


def _headings(tokens: Sequence[Token]) -> list[tuple[str, int]]:
    """Words and depth of each heading."""
    return [
        (_words(tokens[index + 1]), int(token.tag[1:]))
        for index, token in enumerate(tokens)
        if token.type == "heading_open"
    ]


def inline(markdown: str) -> str:
    """One paragraph's words."""
    return " ".join(
        _words(token) for token in MarkdownIt("commonmark").parse(clean(markdown)) if token.type == "inline"
    )


def slug(heading: str) -> str:
    """The anchor of a heading, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


def _part(tokens: Sequence[Token], anchor: str, *, whole: bool) -> list[Token]:
    """A heading and all below it, up to the next one that is not deeper; or just to the next one."""
    found: list[Token] = []
    depth = ""
    for index, token in enumerate(tokens):
        if token.type == "heading_open":
            if depth and (token.tag <= depth or not whole):
                break
            if not depth and slug(_words(tokens[index + 1])) == anchor:
                depth = token.tag
        if depth:
            found.append(token)
    return found


def _blocks(tokens: Sequence[Token], sections: Mapping[str, str]) -> Iterator[list[str]]:
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
        elif token.type in _CODE:
            yield _code(token)
        elif token.type == "tr_close":
            if row := table.row():
                yield folded(row, later="  ")
        elif token.type == "table_open":
            table = _Table()
        elif token.type == "inline" and tokens[index - 1].type in ("th_open", "td_open"):
            table.cell(_words(token, sections), head=tokens[index - 1].type == "th_open")
        elif token.type == "inline":
            yield folded(mark + _words(token, sections), later="  " if numbers else "")
            mark = ""


def _code(token: Token) -> list[str]:
    fence = Fence.of(token.info)
    told = ", ".join(filter(None, [fence.language, NETWORK if fence.network else ""]))
    named = f"Code {token.meta['number']} ({told}):" if told else f"Code {token.meta['number']}:"
    return [named, *token.content.rstrip("\n").split("\n"), "End of code."]


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


def _words(token: Token, sections: Mapping[str, str] | None = None) -> str:
    """The text of inline Markdown; an address, or the section that is meant, stands behind its link's words."""
    found: list[str] = []
    addresses: list[str] = []
    begun: list[int] = []
    for child in token.children or ():
        if child.type == "link_open":
            addresses.append(str(child.attrs.get("href", "")))
            begun.append(len(found))
        elif child.type == "link_close":
            start = begun.pop()
            found[start:] = [_link("".join(found[start:]), addresses.pop(), sections or {})]
        elif child.type == "code_inline":
            found.append(f"“{child.content}”")
        elif child.type in ("softbreak", "hardbreak"):
            found.append(" ")
        else:
            found.append(child.content)
    return "".join(found)


def _link(words: str, address: str, sections: Mapping[str, str]) -> str:
    if not address.startswith("#"):
        return f"{words} ({address})"
    title = sections.get(address[1:])
    if title is None:
        return words
    return f"the section “{title}”" if title == words else f"{words} (the section “{title}”)"
