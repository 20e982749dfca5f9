"""Files that may be meant to hold the policy, and hold nothing that can be read: broken, empty, a word."""

from __future__ import annotations

import re

from grader.checks.candidates import HINT, Tree
from grader.checks.commands import TO_MEND, Show
from grader.checks.resembling import Instead
from grader.evidence.kustomize import MANIFEST
from grader.evidence.model import File
from grader.text import one_line, quoted

_WORDS = re.compile(rb"[^#:\[{&*!|>'\"%@`-][^\n:\[{]{0,200}")
_SMALL = 4096


def likeliest(tree: Tree, show: Show) -> Instead | None:
    """The file that is likeliest meant to hold the policy, and what it lacks; None where every file is readable."""
    return _broken(tree, show) or _bare(tree, show)


def _none(tree: Tree) -> str:
    return f"None of the repository's {len(tree.files)} files holds a ClusterPolicy."


def _broken(tree: Tree, show: Show) -> Instead | None:
    one = min(tree.broken, key=lambda one: not HINT.search(one.file.content or b""), default=None)
    if one is None:
        return None
    mend = f"\n{TO_MEND} {one.error.advice}" if one.error.advice else ""
    seen = f"{quoted(one.file.path)} cannot be read: {one_line(one.error.message, 300)}.{mend}"
    if not HINT.search(one.file.content or b""):
        seen = f"{_none(tree)} {seen}"
    return Instead(seen, show.lines(one.file.path, one.error.line), one.error.where)


def _bare(tree: Tree, show: Show) -> Instead | None:
    """A manifest's file with nothing in it but comments or words."""
    found = [(file, what) for file in tree.files if MANIFEST.match(file.path) and (what := _lacks(file))]
    if not found:
        return None
    file, what = min(found, key=lambda one: (not HINT.search(one[0].path.encode()), one[0].path))
    seen = f"{_none(tree)} {quoted(file.path)} {what}: write the policy into it."
    return Instead(seen, show.lines(file.path, 1), f"{file.path}:1:1")


def _lacks(file: File) -> str:
    """What is wrong with a small file that holds no field at all, or nothing."""
    content = file.content
    if content is None or len(content) > _SMALL:
        return ""
    if all(not line or line == b"---" or line.startswith(b"#") for line in map(bytes.strip, content.splitlines())):
        return "is empty"
    words = _WORDS.fullmatch(content.strip())
    return f"holds no field, only {quoted(words[0].decode('utf-8', 'replace'), 60)}" if words else ""
