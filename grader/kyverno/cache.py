"""Kyverno's memory of images that it has verified, as far as it changes an answer.

Source: Kyverno 1.19.1 pkg/engine/internal/imageverifier.go (Verify), pkg/image/verification/cache/client.go
(generateKey, SetWithPayload).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from grader.kyverno.doubt import CannotTell
from grader.kyverno.items import Check
from grader.kyverno.policy import Rule
from grader.kyverno.references import Reference
from grader.kyverno.response import Response, Status


@dataclass(slots=True)
class Cache:
    """The images that passed an item of a rule: Kyverno asks no other item of the rule about them for an hour.

    The key is policy, version, rule and image, not the item. So what an earlier item refused and a later one passed
    is refused once and let in afterwards. What an earlier one passed and a later one would refuse is let in as long as
    Kyverno remembers: its memory is small, and takes no new image in while it is full of others that are asked about
    more often (github.com/dgraph-io/ristretto v2.4.2 policy.go). `enforces` tells whether the rule blocks.
    """

    rule: Rule
    enforces: bool
    passed: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)

    def find(self, check: Check, image: Reference) -> Response | None:
        """The answer of an item that finds the image in the cache, or None."""
        if not check.body["useCache"] or str(image) not in self.passed:
            return None
        return Response(self.rule, Status.PASS, "verified from cache", check.place)

    def sure(self, check: Check, unremembered: Response | None) -> None:
        """Raises CannotTell where the item, asked itself, would refuse what another one passed."""
        if self.enforces and unremembered and unremembered.status is Status.FAIL:
            raise CannotTell(
                "two items of one rule differ, and Kyverno may have forgotten what one passed", check.place
            )

    def keep(self, check: Check, image: Reference, answer: Response | None) -> None:
        """Notes what an item answered. Raises CannotTell where the next request will be answered otherwise."""
        if not answer or not check.body["useCache"]:
            return
        if answer.status is Status.FAIL:
            self.failed.add(str(image))
        elif answer.status is Status.PASS:
            self.passed.add(str(image))
            if self.enforces and str(image) in self.failed:
                raise CannotTell("two items of one rule differ, and only the first request asks both", check.place)
