"""A clone to do harm with: objects stored as they are, and what is said of it."""

from __future__ import annotations

import threading
import zlib
from collections.abc import Callable
from hashlib import sha1
from pathlib import Path
from typing import Any

from grader.checks import CHECKS
from grader.evidence.model import Evidence, Repository
from grader.evidence.repository import collect
from grader.grade import judge
from tests.repositories import FOLDER, Clone
from tests.unit.checks.repository_contexts import MODULE

POLICY = (MODULE.solutions[0] / FOLDER / "verify-providers.yaml").read_text()
FILE = f"{FOLDER}/policy.yaml"


def read(clone: Clone, **options: Any) -> Repository:
    return collect(clone.path, folder=FOLDER, branch="main", **options)


def judged(found: Repository) -> list[str]:
    """All texts of a report on a repository."""

    def broken_off(check: str, error: BaseException) -> None:
        raise AssertionError(check) from error

    evidence = Evidence(MODULE.id, "repository", "", "", "", found)
    told = judge(MODULE, evidence, checks=CHECKS, on_crash=broken_off).outcomes
    return [text for one in told for text in (one.seen, one.expected, one.where or "", one.why, one.next, *one.notes)]


def within(seconds: float, work: Callable[[], Any]) -> Any:
    """The result of `work`, or a failure where it hangs."""
    result: list[Any] = []
    thread = threading.Thread(target=lambda: result.append(work()), daemon=True)
    thread.start()
    thread.join(seconds)
    assert result, "it hangs, or it raised"
    return result[0]


def cloned(tmp_path: Path) -> Clone:
    """A clone with a right policy, committed and pushed."""
    made = Clone(tmp_path / "clone")
    made.write(FILE, POLICY)
    made.commit()
    made.push()
    return made


def tree_of(clone: Clone, *entries: tuple[bytes, int, bytes]) -> bytes:
    """A stored tree with entries that Git itself might refuse."""
    raw = b"".join(b"%o %s\0" % (mode, name) + bytes.fromhex(sha.decode()) for name, mode, sha in entries)
    return put(clone, b"tree", raw)


def put(clone: Clone, kind: bytes, content: bytes) -> bytes:
    """Stores a loose object as it is."""
    whole = b"%s %d\0" % (kind, len(content)) + content
    name = sha1(whole, usedforsecurity=False).hexdigest()
    path = clone.path / ".git/objects" / name[:2] / name[2:]
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(zlib.compress(whole, 1))
    return name.encode()
