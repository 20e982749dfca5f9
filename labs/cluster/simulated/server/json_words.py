"""Go's words for JSON that cannot be read.

Source: Go 1.25 encoding/json, scanner.go.
"""

from __future__ import annotations

import json

_PLACES = {
    "Expecting property name enclosed in double quotes": "looking for beginning of object key string",
    "Illegal trailing comma before end of object": "looking for beginning of object key string",
    "Illegal trailing comma before end of array": "looking for beginning of value",
    "Expecting value": "looking for beginning of value",
    "Expecting ':' delimiter": "after object key",
    "Extra data": "after top-level value",
    "Invalid \\escape": "in string escape code",
    "Invalid \\uXXXX escape": "in \\u hexadecimal character escape",
    "Invalid control character at": "in string literal",
}
_END = "unexpected end of JSON input"


def json_fault(error: Exception) -> str:
    """What Go would say where Python's reader raised `error`."""
    if isinstance(error, RecursionError):
        return "exceeded max depth"
    if isinstance(error, UnicodeDecodeError):
        return "invalid UTF-8"
    if not isinstance(error, json.JSONDecodeError):
        return str(error)
    rest = error.doc[error.pos :].lstrip()
    if not rest or error.msg.startswith("Unterminated string"):
        return _END
    return f"invalid character {_quoted(rest[0])} {_PLACES.get(error.msg) or _after(error)}"


def _quoted(letter: str) -> str:
    return "'\\''" if letter == "'" else f"'{letter}'"


def _after(error: json.JSONDecodeError) -> str:
    """What a comma is missing after: by the bracket that is open there."""
    before = error.doc[: error.pos]
    open_braces = before.count("{") - before.count("}")
    in_object = open_braces > 0 and before.rfind("{") > before.rfind("[")
    return "after object key:value pair" if in_object else "after array element"
