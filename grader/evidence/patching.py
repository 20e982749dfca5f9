"""JSON patch (RFC 6902) and JSON merge patch (RFC 7386). Neither alters what it is given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class PatchFault(ValueError):
    """A patch that is none, or that does not fit what it is put to."""


def merge(target: Any, patch: Any) -> Any:
    """`target` with a merge patch: null removes a field, a list is replaced whole."""
    if not isinstance(patch, dict):
        return copied(patch)
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merge(result.get(name), value)
    return result


def apply(target: Any, operations: list[dict[str, Any]]) -> Any:
    """`target` with a JSON patch. Raises PatchFault."""
    result = copied(target)
    for operation in operations:
        try:
            result = _KINDS[operation["op"]](result, operation)
        except (KeyError, IndexError, ValueError, TypeError, AttributeError) as error:
            raise PatchFault(f"{operation.get('op')} {operation.get('path')}: {error}") from None
    return result


def copied(value: Any) -> Any:
    """A JSON value of its own."""
    if isinstance(value, dict):
        return {key: copied(item) for key, item in value.items()}
    return [copied(item) for item in value] if isinstance(value, list) else value


def _steps(pointer: str) -> list[str]:
    if pointer and not pointer.startswith("/"):
        raise ValueError(pointer)
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def _index(step: str, length: int) -> int:
    if not step.isascii() or not step.isdigit() or (len(step) > 1 and step[0] == "0") or int(step) >= length:
        raise IndexError(step)
    return int(step)


def _read(target: Any, steps: list[str]) -> Any:
    for step in steps:
        target = target[_index(step, len(target))] if isinstance(target, list) else target[step]
    return target


def _add(target: Any, operation: dict[str, Any]) -> Any:
    return _put(target, _steps(operation["path"]), copied(operation["value"]))


def _put(target: Any, steps: list[str], value: Any) -> Any:
    if not steps:
        return value
    place = _read(target, steps[:-1])
    if isinstance(place, list):
        place.insert(len(place) if steps[-1] == "-" else _index(steps[-1], len(place) + 1), value)
    elif isinstance(place, dict):
        place[steps[-1]] = value
    else:
        raise TypeError(steps[-1])
    return target


def _take(target: Any, steps: list[str]) -> Any:
    place = _read(target, steps[:-1])
    return place.pop(_index(steps[-1], len(place))) if isinstance(place, list) else place.pop(steps[-1])


def _remove(target: Any, operation: dict[str, Any]) -> Any:
    _take(target, _steps(operation["path"]))
    return target


def _replace(target: Any, operation: dict[str, Any]) -> Any:
    steps = _steps(operation["path"])
    if steps:
        _take(target, steps)
    return _put(target, steps, copied(operation["value"]))


def _move(target: Any, operation: dict[str, Any]) -> Any:
    value = _take(target, _steps(operation["from"]))
    return _put(target, _steps(operation["path"]), value)


def _copy(target: Any, operation: dict[str, Any]) -> Any:
    return _put(target, _steps(operation["path"]), copied(_read(target, _steps(operation["from"]))))


def _test(target: Any, operation: dict[str, Any]) -> Any:
    if _read(target, _steps(operation["path"])) != operation.get("value"):
        raise ValueError(operation["path"])
    return target


_KINDS: dict[str, Callable[[Any, dict[str, Any]], Any]] = {
    "add": _add, "remove": _remove, "replace": _replace, "move": _move, "copy": _copy, "test": _test,
}  # fmt: skip
