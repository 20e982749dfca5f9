"""What a run found, told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.differential.case import Case
from tests.differential.compare import Compared, Result
from tests.differential.draw import FIELDS

LEAST_AGREEMENT = 0.99
MOST_DOUBTS = 0.03
LEAST_CASES = 20
_ENOUGH = 300


@dataclass(frozen=True, slots=True)
class Report:
    """The sums of a run. `wrong` are the denials foretold of what the cluster admits."""

    cases: int
    results: Counter[Result]
    questions: int
    denials: int
    wrong: int
    fields: Counter[str]

    @property
    def told(self) -> int:
        """Everything that the cluster answered."""
        return sum(count for result, count in self.results.items() if result is not Result.NO_ANSWER)

    @property
    def agreement(self) -> float:
        """The share of answers that the oracle foretold; one that it cannot tell counts against it."""
        return (self.results[Result.AGREES] + self.results[Result.DETAIL]) / max(self.told, 1)

    @property
    def doubts(self) -> float:
        """The share of questions of which the oracle says that it cannot tell."""
        return self.results[Result.DOUBTS] / max(self.told, 1)

    @property
    def denial_share(self) -> float:
        """The share of real answers that are denials."""
        return self.denials / max(self.questions, 1)

    @property
    def good(self) -> bool:
        """Whether the oracle stands in well enough for a cluster."""
        return self.agreement >= LEAST_AGREEMENT and self.doubts <= MOST_DOUBTS and not self.wrong

    def lines(self) -> list[str]:
        """For a reader."""
        rare = {field: self.fields[field] for field in FIELDS if self.fields[field] < LEAST_CASES}
        told = [
            f"{self.cases} cases, {self.told} answers (policies taken or not, and {self.questions} probes)",
            f"agreement     {self.agreement:.2%}  (at least {LEAST_AGREEMENT:.0%})",
            f"cannot tell   {self.doubts:.2%}  (at most {MOST_DOUBTS:.0%})",
            f"denials       {self.denial_share:.0%} of the probes' answers",
            f"foretold as denied, and admitted: {self.wrong}",
            f"same answer for another rule, or other digests: {self.results[Result.DETAIL]}",
            f"without an answer from the cluster, not counted: {self.results[Result.NO_ANSWER]}",
            "cases a field: " + ", ".join(f"{field} {count}" for field, count in sorted(self.fields.items())),
        ]
        if rare and self.cases >= _ENOUGH:
            told.append(f"fields with fewer than {LEAST_CASES} cases: {', '.join(rare)}")
        return told


def summed(cases: Sequence[Case], found: Iterable[Compared]) -> Report:
    """The sums over all that was compared."""
    compared = list(found)
    questions = [one for one in compared if one.ask and one.result is not Result.NO_ANSWER]
    return Report(
        len(cases),
        Counter(one.result for one in compared),
        len(questions),
        sum(one.denied for one in questions),
        sum(one.result is Result.DIFFERS and not one.denied for one in questions),
        Counter(field for case in cases for field in case.fields),
    )
