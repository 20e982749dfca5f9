"""What the words behind a code block's fence say of it."""

from __future__ import annotations

from dataclasses import dataclass

NETWORK = "needs Docker and a network"
"""What is said of such a block."""
_SHELL = ("bash", "sh", "shell")


@dataclass(frozen=True, slots=True)
class Fence:
    """The words behind a fence: its `language`, or nothing, and what is said of the block besides."""

    language: str = ""
    more: frozenset[str] = frozenset()

    @classmethod
    def of(cls, info: str) -> Fence:
        """What stands behind a fence, as it is written."""
        language, *more = info.split() or [""]
        return cls(language, frozenset(more))

    @property
    def runnable(self) -> bool:
        """Whether the block is for the lab's shell."""
        return self.language in _SHELL

    @property
    def network(self) -> bool:
        """Whether it needs Docker and a network."""
        return "network" in self.more

    @property
    def refused(self) -> bool:
        """Whether its last command is meant to be refused."""
        return "refused" in self.more
