"""Code in colours: few, and of enough contrast in every theme."""

from __future__ import annotations

import re

from pygments.token import Token  # type: ignore[import-untyped]
from textual.content import Content
from textual.highlight import HighlightTheme, highlight

_CODE = re.compile(r"`([^`\n]+)`")


class _Colours(HighlightTheme):
    """The program's own, by token of Pygments."""

    STYLES = {  # noqa: RUF012 (Textual's own)
        Token.Comment: "$quiet italic",
        Token.Keyword: "$link",
        Token.Literal.Number: "$caution",
        Token.Literal.String: "$good",
        Token.Name.Tag: "$link",
        Token.Name.Builtin: "$link",
        Token.Name.Variable: "$caution",
        Token.Literal.Scalar.Plain: "",
    }


def coloured(code: str, language: str) -> Content:
    """The code; `language` is the first word behind a Markdown fence, or nothing."""
    return highlight(code, language=language or "text", theme=_Colours)


def spoken(text: str) -> Content:
    """A sentence; what stands between backticks is code, in a style of its own."""
    parts = _CODE.split(text)
    return Content.assemble(*((part, "$caution") if index % 2 else part for index, part in enumerate(parts)))
