"""The place where others may change or refuse what is about to be written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from labs.cluster.simulated.api.ask import Ask
from labs.cluster.simulated.api.resource import Resource

Object = dict[str, Any]


@dataclass(slots=True)
class Review:
    """What is about to happen: `operation` is CREATE, UPDATE or DELETE. `object` is None for DELETE."""

    operation: str
    resource: Resource
    namespace: str
    name: str
    object: Object | None
    old: Object | None
    ask: Ask
    subresource: str = ""


class Admission(Protocol):
    """One admission plugin. Both raise ApiError to refuse."""

    def mutate(self, review: Review) -> None:
        """May put another object into `review.object` (never alter the one that is there)."""
        ...

    def validate(self, review: Review) -> None:
        """Looks at the final object."""
        ...
