"""What is recorded of one solution or mutant, as data."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Route(_Data):
    """One way of bringing the files into a cluster, and what the cluster then answered.

    `objects`: by the strict route, file → what `kubectl apply` said of it; by Argo CD, what the Application showed
    (`sync`, `health`, `phase`, `message`, `conditions`). `policies` are Kyverno's policies that were stored, with
    `Ready` or `not Ready`. `answers` maps what became of a probe to the probes of which it is true. In a text
    `<image>` stands for the image that the probe asks about, and other samples bear the names of `tests/differential`.
    """

    objects: dict[str, str]
    policies: dict[str, str]
    answers: dict[str, tuple[str, ...]]


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
