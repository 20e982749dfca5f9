"""Policies by chance, put to the lab's real Kyverno and to the oracle: what it foretells must come true."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.kube import Kube, connect
from tests.differential.__main__ import lab_samples, run
from tests.differential.case import generate
from tests.differential.compare import Result
from tests.differential.world import PART
from tests.journeys.learner import Learner

pytestmark = pytest.mark.e2e

CASES = 30


@pytest.fixture
def kube(with_kyverno: Learner) -> Iterator[Kube]:
    """The lab's cluster with no policy of the learner's in it."""
    with_kyverno.start_over()
    with connect(Path(with_kyverno.facts["kubeconfig"])) as connected:
        yield connected


@pytest.mark.parametrize("learner", ["kind"], indirect=True)
def test_the_oracle_foretells_what_the_cluster_answers(kube: Kube) -> None:
    """A fresh seed each time: `make differential OPTIONS="--seed N"` runs the same cases, and more, again."""
    seed = secrets.randbelow(10**6)
    print(f"\nseed {seed}")
    samples = lab_samples(kube)
    report = run(kube, samples, list(generate(seed, CASES, samples)))
    told = f"seed {seed}\n" + "\n".join(report.lines())
    assert report.good, told
    assert report.results[Result.NO_ANSWER] == 0, told
    assert _left(kube) == []


def _left(kube: Kube) -> list[str]:
    """What the run left behind in the cluster, but for namespaces that are going."""
    policies = [one["metadata"]["name"] for one in kube.list("/apis/kyverno.io/v1/clusterpolicies")]
    spaces = [one["metadata"] for one in kube.list("/api/v1/namespaces")]
    ours = [one for one in spaces if PART.items() <= (one.get("labels") or {}).items()]
    return [*policies, *(one["name"] for one in ours if "deletionTimestamp" not in one)]
