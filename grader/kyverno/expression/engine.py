"""RE2, and where Go, which Kyverno is written in, reads less than RE2 does.

Source: https://github.com/google/re2/wiki/Syntax; Go 1.25 regexp/syntax.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

_ESCAPED = re.compile(r"\\Q.*?(?:\\E|\Z)|\\[^C]|(?P<byte>\\C)", re.DOTALL)


class BadExpression(ValueError):
    """A regular expression that Go cannot read."""


@lru_cache(256)
def compiled(expression: str | bytes) -> Any:
    """The expression as RE2 has it, for texts of the same kind. Raises BadExpression."""
    import re2  # costs some milliseconds

    if isinstance(expression, str) and any(one["byte"] for one in _ESCAPED.finditer(expression)):
        raise BadExpression(r"invalid escape sequence: \C")
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(expression, options)
    except re2.error as error:
        detail = error.args[0] if error.args else ""
        raise BadExpression(detail.decode() if isinstance(detail, bytes) else str(detail)) from None


def fault(expression: str) -> str | None:
    """Why Go cannot read a regular expression, or None."""
    try:
        compiled(expression)
    except BadExpression as error:
        return str(error)
    return None


def found(expression: str, text: str) -> bool:
    """Whether a regular expression is found in a text. Raises BadExpression."""
    return compiled(expression).search(text) is not None
