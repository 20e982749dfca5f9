"""What is recorded of one solution or mutant, as data."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

State = Literal["Ready", "not Ready"]
Words = dict[str, dict[str, str]]


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Answered(_Data):
    """One answer, and the ids of the `probes` that got it.

    `denials` is policy → rule → reason, `looked` policy → rule → `pass`, `fail` or `skip` (what Kyverno noted of the
    sample). `pinned`: the sample's tag was replaced by a digest. `unknown` says why there was no answer.
    """

    answer: Literal["admitted", "denied", "unknown"]
    denials: Words = {}
    looked: Words = {}
    pinned: bool = False
    unknown: str = ""
    probes: tuple[str, ...] = ()


class Route(_Data):
    """One way of bringing the files into a cluster, and what the cluster then answered.

    `said`: by the strict route, file → what `kubectl apply` said of it; by Argo CD, what the Application showed
    (`sync`, `health`, `phase`, `message`, `conditions`). `policies` are Kyverno's policies that were stored, as
    `Kind/name`, with `Ready` or `not Ready`. In a text `<image>` stands for the image that the probe asks about,
    `<time>` for a moment, and other samples bear the names of `tests/differential`. `answers` is None where they are
    the same as by the strict route.
    """

    said: dict[str, str]
    policies: dict[str, State]
    answers: tuple[Answered, ...] | None = None


class Truth(_Data):
    """What the real Kyverno answered to one solution or mutant.

    `files` and `probes` are SHA-256 of what was asked, to notice a record that is out of date.
    """

    format: Literal[1] = 1
    kyverno: str = Field(pattern=r"^\d+\.\d+\.\d+$")
    kubernetes: str
    argocd: str
    files: str = Field(pattern=r"^[0-9a-f]{64}$")
    probes: str = Field(pattern=r"^[0-9a-f]{64}$")
    strict: Route
    pushed: Route

    def answers(self, route: str) -> dict[str, Answered]:
        """Probe → its answer by the route `strict` or `pushed`."""
        found = (self.pushed.answers if route == "pushed" else None) or self.strict.answers or ()
        return {probe: one.model_copy(update={"probes": ()}) for one in found for probe in one.probes}
