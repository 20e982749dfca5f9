"""Code in colours: few, and of enough contrast in every theme."""

from __future__ import annotations

from pygments.token import Token  # type: ignore[import-untyped]
from textual.content import Content
from textual.highlight import HighlightTheme, highlight


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
