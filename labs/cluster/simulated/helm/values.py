"""Values of a release: files laid over each other, then `--set`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from grader.errors import InputError, ManifestError
from grader.manifest import load

Values = dict[str, Any]


def collect(files: Iterable[str], settings: Iterable[str]) -> Values:
    """The values of a command line. Raises InputError with the file and the line."""
    result: Values = {}
    for name in files:
        result = merged(result, _read(Path(name)))
    for text in settings:
        for part in text.split(","):
            result = merged(result, _setting(part))
    return result


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> Values:
    """`above` laid over `below`: mappings are merged, null takes away, all else is replaced."""
    result = dict(below)
    for key, value in above.items():
        old = result.get(key)
        if value is None:
            result.pop(key, None)
        elif isinstance(value, Mapping):
            result[key] = merged(old if isinstance(old, Mapping) else {}, value)
        else:
            result[key] = value
    return result


def _read(path: Path) -> Values:
    try:
        documents = load(path.read_bytes(), str(path))
    except OSError as error:
        raise InputError(f"open {path}: {(error.strerror or '').lower()}") from None
    except ManifestError as error:
        raise InputError(f"failed to parse {path}: {error}") from None
    value = documents[0].value if documents else {}
    if not isinstance(value, dict):
        raise InputError(f"failed to parse {path}: not a mapping")
    return value


def _setting(text: str) -> Values:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise InputError(f'failed parsing --set data: key "{text}" has no value')
    typed: Any = {"true": True, "false": False, "null": None}.get(value, int(value) if value.isdecimal() else value)
    for part in reversed(name.split(".")):
        typed = {part: typed}
    found: Values = typed
    return found
