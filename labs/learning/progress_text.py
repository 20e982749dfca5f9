"""The text of a progress file: written only as it can be read again.

Schema `platform-labs/progress/v1`: `{"schema": …, "here": ID, "seen": SECONDS SINCE 1970, "modules": {ID: {"step",
"passed", "score", "max_score", "hints", "seconds", "solutions_shown", "done", "simulated"}}}`;
`simulated` is true, false, or null where it is not known which cluster the best score was had on.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sized
from dataclasses import dataclass, field
from typing import Any

from labs.learning.module_progress import ModuleProgress

SCHEMA = "platform-labs/progress/v1"
SIZE = 1 << 20
"""Bytes of a file at most."""
MODULES = 200
"""Modules in a file at most."""
_ENTRIES = 1000
"""Checks or steps of a module at most."""
_NAME = re.compile(r"[a-z0-9]+([.-][a-z0-9]+)*\Z")
_MOST = 10**10
Modules = dict[str, ModuleProgress]


@dataclass
class Account:
    """All that the file tells: of each module, the module one was `here` in last, and when one was `seen` last."""

    modules: Modules = field(default_factory=dict)
    here: str | None = None
    seen: float = 0.0

    def copy(self) -> Account:
        """One of its own, that changes by itself."""
        return Account({name: one.copy() for name, one in self.modules.items()}, self.here, self.seen)


def as_bytes(account: Account) -> bytes:
    """The text of a file. Raises ValueError where `parsed` would refuse it."""
    modules = {name: one.as_json() for name, one in sorted(account.modules.items())}
    plain = {"schema": SCHEMA, "here": account.here, "seen": round(account.seen, 1), "modules": modules}
    content = json.dumps(plain, indent=1).encode() + b"\n"
    parsed(content)
    return content


def parsed(content: bytes) -> Account:
    """What a text tells. Raises ValueError with the reason where it is no progress."""
    if len(content) > SIZE:
        raise ValueError("it is too large")
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        raise ValueError("it is no JSON") from None
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        raise ValueError(f"its schema is not {SCHEMA}")
    modules = {name: _module(one) for name, one in _mapping(data, "modules", MODULES).items()}
    return Account(modules, _name_or_none(data, "here"), _number(data.get("seen", 0)))


def _module(data: Any) -> ModuleProgress:
    """One module's progress; fields that are missing are empty, others are left aside."""
    if not isinstance(data, dict):
        raise ValueError("a module is no object")
    passed = data.get("passed", [])
    if not isinstance(passed, list) or not all(map(_is_name, passed)):
        raise ValueError("passed is no list of names")
    _bounded("passed", passed, _ENTRIES)
    most = _whole(data.get("max_score", 0))
    return ModuleProgress(
        step=_name_or_none(data, "step"),
        passed=set(passed),
        score=min(_whole(data.get("score", 0)), most),
        max_score=most,
        hints={name: _whole(value) for name, value in _mapping(data, "hints").items()},
        seconds={name: _number(value) for name, value in _mapping(data, "seconds").items()},
        solutions_shown=_whole(data.get("solutions_shown", 0)),
        done=data.get("done") is True,
        simulated=_known(data.get("simulated")),
    )


def _mapping(data: dict[str, Any], key: str, most: int = _ENTRIES) -> dict[str, Any]:
    found = data.get(key, {})
    if not isinstance(found, dict) or not all(map(_is_name, found)):
        raise ValueError(f"{key} has the wrong shape")
    _bounded(key, found, most)
    return found


def _bounded(key: str, found: Sized, most: int) -> None:
    if len(found) > most:
        raise ValueError(f"{key} has more than {most} entries")


def _name_or_none(data: dict[str, Any], key: str) -> str | None:
    found = data.get(key)
    if found is not None and not _is_name(found):
        raise ValueError(f"{key} is no name")
    return found


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= 80 and bool(_NAME.match(value))


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _MOST:
        raise ValueError("a number in it is none that can be")
    return float(value)


def _known(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _whole(value: Any) -> int:
    return int(_number(value))
