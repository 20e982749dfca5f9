"""Which commit has which in its history."""

from __future__ import annotations

from collections.abc import Sequence

from grader.evidence.git_objects import Missing, Objects
from grader.evidence.git_pack import TooLarge

MAX_COMMITS = 5000


def contains(stores: Sequence[Objects], head: bytes, commit: bytes) -> bool | None:
    """Whether `head` is `commit` or has it in its history.

    Walks from both ends at once, so what was pushed a few commits ago, or is a few commits
    ahead, is told without reading the whole history. None where history is missing (a shallow
    clone, an unknown head) or longer than MAX_COMMITS.
    """
    if head == commit:
        return True
    down, up = _Front(stores, head), _Front(stores, commit)
    while down.todo and down.count + up.count < MAX_COMMITS:
        down.step()
        if commit in down.seen:
            return True
        up.step()
        if head in up.seen:
            return False
    return None if down.todo or down.broken else False


class _Front:
    """Commits reached from one, generation by generation."""

    def __init__(self, stores: Sequence[Objects], start: bytes) -> None:
        self.stores = stores
        self.todo = [start]
        self.seen = {start}
        self.count = 0
        self.broken = False

    def step(self) -> None:
        """Goes to the parents of all that were reached last."""
        parents = [parent for sha in self.todo for parent in self._parents(sha)]
        self.count += len(self.todo)
        self.todo = [sha for sha in dict.fromkeys(parents) if sha not in self.seen]
        self.seen.update(self.todo)

    def _parents(self, sha: bytes) -> list[bytes]:
        for store in self.stores:
            try:
                return list(store.commit(sha).parents)
            except (Missing, TooLarge):
                continue
        self.broken = True
        return []
