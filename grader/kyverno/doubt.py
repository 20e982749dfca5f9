"""Where the model does not know enough to answer."""

from __future__ import annotations

from grader.kyverno.place import Place
from grader.text import one_line


class CannotTell(Exception):
    """What a policy asks for cannot be answered from what is known; `place` is the line that asks."""

    def __init__(self, reason: str, place: Place) -> None:
        super().__init__(reason)
        self.reason = one_line(reason, 400)
        self.place = place
