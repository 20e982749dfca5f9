"""Puts generated policies to a lab's real Kyverno and to the oracle, and compares the answers."""

from __future__ import annotations

import argparse
import secrets
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from grader.errors import LabsError
from grader.evidence import cluster, lab
from grader.kube import Kube, connect
from tests.differential import kept
from tests.differential.asking import Samples
from tests.differential.case import Case, generate
from tests.differential.compare import Compared, Result, compare
from tests.differential.live import Arena, Outcome, standing
from tests.differential.report import Report, summed
from tests.differential.world import SLOTS

_WORTH_TELLING = (Result.DIFFERS, Result.DOUBTS, Result.DETAIL, Result.NO_ANSWER)


def main() -> int:
    """0 where the oracle agrees well enough, 1 where not, 2 where it could not be told."""
    options = _options()
    try:
        with connect(options.kubeconfig) as kube:
            samples = lab_samples(kube)
            cases = list(generate(options.seed, options.count, samples))
            if options.only is not None:
                cases = [cases[options.only]]
            print(f"seed {options.seed}, {len(cases)} cases", flush=True)
            report = run(kube, samples, cases)
    except LabsError as error:
        print(error, file=sys.stderr)
        return 2
    print("\n".join(report.lines()))
    return 0 if report.good else 1


def run(kube: Kube, samples: Samples, cases: Sequence[Case]) -> Report:
    """Asks about all cases, tells and keeps what disagrees."""
    found: list[Compared] = []
    unrelated = samples["unrelated"]
    with standing(kube, f"{unrelated.image}:{unrelated.tag}"):
        arena = Arena(kube, samples)
        for batch in batches(cases):
            for outcome in arena.run(batch):
                found += _settled(arena, outcome, samples)
    return summed(cases, found)


def _settled(arena: Arena, outcome: Outcome, samples: Samples) -> list[Compared]:
    """What was compared of a case. What disagrees is asked again of policies written anew, which then counts."""
    compared = list(compare(outcome, samples))
    if any(one.result is Result.DIFFERS for one in compared):
        (again,) = arena.run([outcome.case])
        compared = list(compare(again, samples))
    telling = [one for one in compared if one.result in _WORTH_TELLING]
    for one in telling:
        print(f"{outcome.case.name}: {one.policy or one.ask}: {one.result}")
        print(f"  cluster: {one.real}\n  oracle:  {one.predicted}", flush=True)
    differing = [one for one in telling if one.result is Result.DIFFERS]
    if differing:
        print(f"  kept in {kept.write(outcome.case, differing, samples)}", flush=True)
    return compared


def lab_samples(kube: Kube) -> Samples:
    facts = lab.read(cluster.collect(kube))
    if facts is None:
        raise LabsError(
            "this cluster is no lab: ConfigMap platform-labs/platform-labs is missing", advice="Run `labs up`."
        )
    return facts.samples


def batches(cases: Sequence[Case]) -> Iterator[list[Case]]:
    """Cases that cannot meet, side by side, each in another slot; a case that is not confined alone."""
    waiting: dict[int, Case] = {}
    for case in cases:
        if not case.confined:
            yield [case]
            continue
        if case.slot.number in waiting or len(waiting) == SLOTS:
            yield list(waiting.values())
            waiting = {}
        waiting[case.slot.number] = case
    if waiting:
        yield list(waiting.values())


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.differential", description=__doc__)
    parser.add_argument("--count", type=int, default=300, help="how many cases (default: 300)")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="what the cases are drawn from")
    parser.add_argument("--kubeconfig", type=Path, help="the lab's cluster (default: kubectl's)")
    parser.add_argument("--only", type=int, metavar="NUMBER", help="one case of the run alone")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
