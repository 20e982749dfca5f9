"""When Argo CD is asked to look at the remote, rather than at its own three-minute rhythm."""

from __future__ import annotations

AGAIN = 10.0
"""Seconds after which it is asked again, while it still is at another commit."""

TIMES = 6


class Refresher:
    """Decides; `due` says when time alone changes the decision (seconds since 1970), or None."""

    def __init__(self) -> None:
        self.due: float | None = None
        self._head: str | None = None
        self._left = 0
        self._next = 0.0

    def now(self, head: str | None, waits: bool, now: float) -> bool:
        """Whether to ask at this moment: the remote has a new head, or Argo CD `waits` to follow since.

        The head that is found first is no push: then it is asked only where Argo CD is not there yet.
        """
        pushed = head is not None and self._head is not None and head != self._head
        if head is not None and head != self._head:
            self._head, self._left, self._next = head, TIMES, now
        wanted = self._left > 0 and (waits or pushed)
        asks = wanted and now >= self._next
        if asks:
            self._left -= 1
            self._next = now + AGAIN
        self.due = self._next if wanted and self._left > 0 else None
        return asks
