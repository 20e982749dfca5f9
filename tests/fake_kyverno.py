"""A Kyverno that answers the canary's two marker Pods, for tests."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from grader.evidence.canary_policy import NAME, PATH
from grader.evidence.settling import Clock
from tests.fake_api import Reply, Request, failure
from tests.lab_records import NO_ADDRESS, NO_SIGNATURE, blocked, scoped

PODS = "/api/v1/namespaces/platform-labs-canary/pods"
RULE = "canary-7"
UNSIGNED = {NAME: {RULE: NO_SIGNATURE}}
WALL = 1_800_000_000.0


@dataclass
class Kyverno:
    """`signed` and `unsigned` say what becomes of those samples: denials, none, or a whole reply.

    With `lag`, a canary that was written counts after so many more markers. `written` keeps what
    was applied; `refusal` refuses it. The first `away` requests find a Service without an address.
    """

    signed: Any = field(default_factory=dict)
    unsigned: Any = field(default_factory=lambda: UNSIGNED)
    lag: int | None = None
    refusal: Reply | None = None
    written: list[dict[str, Any]] = field(default_factory=list)
    markers: int = 0
    away: int = 0

    def __call__(self, request: Request) -> Reply | None:
        if self.away and request.method in ("PATCH", "POST"):
            self.away -= 1
            return failure(500, NO_ADDRESS, "InternalError")
        if (request.method, request.path) == ("PATCH", PATH):
            self.written.append(request.body)
            return self.refusal or Reply(200, request.body)
        if (request.method, request.path) != ("POST", PODS):
            return None
        image = request.body["spec"]["containers"][0]["image"]
        return self._reply(self.signed if "provider-d7f2" in image else self._unsigned(), image)

    def _unsigned(self) -> Any:
        self.markers += 1
        if self.lag is None or not self.written or self.markers <= self.lag:
            return self.unsigned
        return {NAME: {self.written[-1]["spec"]["rules"][0]["name"]: NO_SIGNATURE}}

    @staticmethod
    def _reply(what: Any, image: str) -> Reply:
        if isinstance(what, Reply):
            return what
        if what:
            return failure(400, blocked(what))
        marks = scoped({f"/{NAME}": {RULE: {image: "pass"}}})
        return Reply(201, {"metadata": {"annotations": marks}, "spec": {"containers": [{"image": image}]}})


@dataclass
class Time:
    """Time that only sleeping moves."""

    slept: list[float] = field(default_factory=list)

    @property
    def clock(self) -> Clock:
        return Clock(now=lambda: sum(self.slept), sleep=self.slept.append, wall=lambda: WALL)
