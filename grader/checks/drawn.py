"""Names that no policy can know and that are the same whenever the same policies are graded."""

from __future__ import annotations

import hashlib
import json
import string
from collections.abc import Sequence

from grader.kyverno.review import PolicyReview


class Drawn:
    """Letters and digits by a digest of what the policies say: whoever changes a policy changes them all."""

    def __init__(self, reviews: Sequence[PolicyReview]) -> None:
        specs = [review.policy.spec if review.policy else {} for review in reviews]
        self._seed = hashlib.sha256(json.dumps(specs, default=str, sort_keys=True).encode()).digest()

    def letters(self, count: int, purpose: str) -> str:
        """Up to 32 small letters; others for another purpose."""
        return "".join(string.ascii_lowercase[one % 26] for one in self._bytes(purpose)[:count])

    def digits(self, count: int, purpose: str) -> str:
        """Up to 64 digits of a hash."""
        return self._bytes(purpose).hex()[:count]

    def tag(self) -> str:
        """A version, of the same length whatever the policies are."""
        number = int.from_bytes(self._bytes("tag"))
        return f"v{number % 9 + 1}.{number % 89 + 10}.{number % 10}"

    def _bytes(self, purpose: str) -> bytes:
        return hashlib.sha256(self._seed + purpose.encode()).digest()
