"""The learner's file that Argo CD names in a complaint, where the grader cannot read it either.

Source: Argo CD 3.2 reposerver/repository/repository.go (getObjsFromYAMLOrJSON): `Failed to unmarshal "name": …`.
"""

from __future__ import annotations

import posixpath
import re

from grader.checks.candidates import Broken, Tree
from grader.checks.context import Context

_UNREADABLE = re.compile(r'[Ff]ailed to unmarshal "([^"\n]{1,300})"')


def named_by(said: str, context: Context) -> Broken | None:
    """The file of the graded commit that a complaint names, where the remote has the same one; its place is true."""
    remote = context.repository.remote if context.repository else None
    found = _of(said, context.submission.commit)
    there = {one.path: one.blob for one in remote.files} if remote else {}
    return found if found and there.get(found.file.path) == found.file.blob else None


def still_broken(said: str, context: Context) -> Broken | None:
    """The same file as the learner has it, where that is not readable yet."""
    return _of(said, context.submission.working or context.submission.commit)


def _of(said: str, tree: Tree) -> Broken | None:
    named = {match[1] for match in _UNREADABLE.finditer(said)}
    return next(
        (one for one in tree.broken if tree.deploys(one.file) and posixpath.basename(one.file.path) in named), None
    )
