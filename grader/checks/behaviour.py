"""Tasks 3 and 4: what the policy looks at, what it refuses, and whom it trusts, by the answers to probes.

On a cluster the live answers decide; in the repository profile the oracle predicts them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from grader.checks import cheats, openings, set_apart
from grader.checks.attribution import ENFORCED, IDENTITY, IMAGES, SCOPE, Deviation, Findings, attribute
from grader.checks.commands import TO_MEND, Show
from grader.checks.context import Context
from grader.checks.in_force import InForce, in_force, own_names, predicted, rewritten
from grader.checks.probing import Reading, Seen, predictions, readings
from grader.checks.repeat import shortly
from grader.checks.surroundings import canary, versions
from grader.checks.wording import described
from grader.errors import EnvironmentFault
from grader.evidence.model import Answer
from grader.kyverno import notes, oracle
from grader.outcome import Profile, Status, Verdict
from grader.text import one_line, quoted

_T = TypeVar("_T")
_WHY = {
    SCOPE: "A rule that looks elsewhere leaves providers unchecked, or shuts doors that are not its own.",
    IMAGES: "An image that no pattern fits is never looked at; one that fits by accident is refused without need.",
    ENFORCED: "What is only reported still runs, with all the rights of a provider.",
    IDENTITY: "A signature is worth something only if it is the right signer's.",
    "enforcement.live": "Synced and Ready tell that a policy is there; only an answer to a Pod tells that it works.",
}


def scope(context: Context) -> Verdict:
    """`policy.scope`: provider Pods of the namespace are looked at, and Pods of no other namespace."""
    return judged(
        context, f"The policy looks at all Pods in {context.parameter('namespace')}, and at no other namespace."
    )


def images(context: Context) -> Verdict:
    """`policy.images`: every provider image is looked at, and no other image."""
    expected = f"The policy looks at every image {context.parameter('images')}, and leaves other images alone."
    return judged(context, expected)


def enforced(context: Context) -> Verdict:
    """`policy.enforced`: an unsigned provider is refused wherever it stands in a Pod, and however it is named."""
    return judged(context, "An unsigned provider is refused, wherever it stands and however it is named.")


def identity(context: Context) -> Verdict:
    """`policy.identity`: the release pipeline's images are admitted, and nobody else's."""
    expected = "Images of the release pipeline are admitted; whatever anybody else signed is refused."
    verdict = judged(context, expected)
    return verdict.noting(*_weaknesses(context)) if verdict.status is Status.PASSED else verdict


def judged(context: Context, expected: str) -> Verdict:
    """The verdict on the check that `context` is turned to, by the probes that speak for it.

    What fails for sure fails, whatever else is not known; what rests on an answer that is not
    known cannot be told. Raises EnvironmentFault where the surroundings do not work.
    """
    live = context.evidence.profile == Profile.CLUSTER
    found = _once(context, "policies", policies)
    if isinstance(found, str):
        needs = ("policy.active",) if live else ("policy.present",)
        return Verdict(Status.BLOCKED, expected=expected, seen=found, needs=needs)
    if live:
        canary(context)
        versions(context, found.own)
    cheats.dry_runs(found.reviews)
    findings = _once(context, "findings", lambda _: _findings(context, found))
    return _Verdicts(context, expected, found, findings).verdict()


def _once(context: Context, name: str, make: Callable[[Context], _T]) -> _T:
    """What the checks of one grading share, worked out by the first that asks."""
    if name not in context.shared:
        context.shared[name] = make(context)
    found: _T = context.shared[name]
    return found


def _findings(context: Context, found: InForce) -> Findings:
    """What went wrong. Where nothing did: how a provider really runs, and what is not among samples and probes."""
    seen = cheats.under_other_names(context, found, answers(context, found))
    findings = attribute(seen, found.reviews)
    for further in (cheats.as_they_run, openings.tried, set_apart.tried):
        if findings.deviations:
            break
        findings = attribute(further(context, found, findings.readings), found.reviews)
    return findings


def policies(context: Context) -> InForce | str:
    """The policies whose behaviour is judged, or why there are none: the live ones, or those of the files.

    Raises EnvironmentFault where only a cluster can show what the files become.
    """
    if context.evidence.profile == Profile.CLUSTER:
        return in_force(context)
    tree = context.submission.current
    reviews = predicted(tree)
    if not reviews:
        return "There is no policy to ask about yet."
    if untold := rewritten(tree):
        told = f"what is applied cannot be told from the files alone: {untold}"
        raise EnvironmentFault(told, advice="Grade on a cluster: give --kubeconfig FILE.")
    return InForce(own_names(context), tuple(reviews))


def answers(context: Context, found: InForce) -> list[Reading]:
    """All probes with what is known of them: seen on the cluster, or predicted."""
    if context.evidence.profile == Profile.CLUSTER:
        return readings(context, found)
    return predictions(context, found)


def _weaknesses(context: Context) -> list[str]:
    """What is right and weak in the policies, with its line."""
    return [
        f"{note.text} ({note.where})" for review in predicted(context.submission.current) for note in notes.of(review)
    ]


class _Verdicts:
    """The verdict on one check, from all findings."""

    def __init__(self, context: Context, expected: str, found: InForce, findings: Findings) -> None:
        self.context = context
        self.check = context.spec.id
        self.expected = expected
        self.found = found
        self.findings = findings
        self.mine = findings.of(self.check)

    def verdict(self) -> Verdict:
        against = self.findings.against(self.check)
        if against:
            return self._failed(against)
        unknown = next((one for one in self.mine if one.seen is Seen.UNKNOWN), None)
        if unknown:
            return self._unknown(unknown)
        elsewhere = self._elsewhere()
        if elsewhere:
            seen = "Its probes cannot speak for it yet."
            return self._verdict(Status.BLOCKED, seen=seen, needs=elsewhere)
        return self._passed()

    @property
    def _foretold(self) -> bool:
        """Whether there is no cluster, and the model alone is asked."""
        return self.context.cluster is None

    def _verdict(self, status: Status, **parts: object) -> Verdict:
        predicted = any(one.predicted and (one.pinned or self._foretold) for one in self.mine)
        return Verdict(status, expected=self.expected, predicted=predicted, **parts)  # type: ignore[arg-type]

    def _elsewhere(self) -> tuple[str, ...]:
        """The checks that hide this one. Where the manifest shows that no pattern fits, it shows that `match` does."""
        found = self.findings.elsewhere(self.check)
        if self.check != SCOPE:
            return found
        proved = all(one.clause for one in self.findings.against(IMAGES))
        return tuple(one for one in found if one != IMAGES or not proved)

    def _passed(self) -> Verdict:
        names = ", ".join(quoted(review.name) for review in self.found.reviews)
        told = "would be" if self._foretold else "were"
        verdict = self._verdict(
            Status.PASSED, seen=f"{len(self.mine)} probes {told} answered as they must be, by {names}."
        )
        return verdict.noting(*self._notes())

    def _unknown(self, unknown: Reading) -> Verdict:
        return self._verdict(
            Status.ERROR,
            seen=f"The probe {unknown.spec.id} has no answer: {unknown.words}.",
            why="What was not answered counts neither for nor against you.",
            next=unknown.mend
            or shortly(unknown)
            or ("Grade on a cluster: give --kubeconfig FILE." if self._foretold else "labs doctor"),
        )

    def _failed(self, against: list[Deviation]) -> Verdict:
        first = next((one for one in against if one.reading.spec.check == self.check), against[0])
        reason = first.clause
        parts = [
            first.reading.unlike,
            described(first.reading, only_reports=self.check == ENFORCED),
            self._in_the_file(first),
        ]
        more = len(against) - 1
        parts.append(
            f"{more} more probe{'s' if more > 1 else ''} went wrong, most often for the same reason." if more else ""
        )
        name = ", ".join(review.name for review in self.found.reviews)
        return self._verdict(
            Status.FAILED,
            seen="\n".join(part.strip() for part in parts if part),
            where=reason.where if reason else f"ClusterPolicy/{one_line(name, 200)}",
            why=_WHY.get(self.check, ""),
            next=self._next(first),
            notes=tuple(self._notes()),
        )

    def _in_the_file(self, first: Deviation) -> str:
        """What the deciding line does and what to write instead; a denial's own words are not said twice."""
        reason = first.clause
        if reason is None:
            return ""
        if reason.name == "doubt":
            return f"In the file: the model of Kyverno does not know what this does ({reason.text})."
        told = "" if reason.text in first.reading.words else f"{reason.text}. "
        repair = reason.repair
        if self.check == IMAGES and reason.name == "imageReferences":
            pattern = str(self.context.parameter("images"))
            stem = pattern.partition("*")[0]
            of_one_image = re.search(rf"{re.escape(stem)}\w", repair)
            repair = f"{'' if of_one_image else repair} The exercise asks for {pattern}.".strip()
        mend = f"{TO_MEND} {repair}" if repair else reason.meaning
        return f"In the file: {told.rstrip()}\n{mend}".strip() if told else mend

    def _next(self, first: Deviation) -> str:
        command = "" if first.reading.pinned or first.reading.unlike else shortly(first.reading)
        repository = self.context.repository
        if command or repository is None or first.clause is None:
            return command
        place = first.clause.place
        return Show.of(self.context, repository).lines(place.document.name, place.document.position(*place.path).line)

    def _notes(self) -> list[str]:
        """What never costs points: Deployments left to their Pods, what was predicted, where the model was wrong."""
        found = []
        if any(one.spec.check == self.check for one in self.findings.forgiven):
            found.append("A Deployment of such an image is accepted, for no rule is made for it; its Pods are refused.")
        found += self._pinned()
        missing = [one.spec.id for one in self.mine if one.predicted and not (one.pinned or one.unlike)]
        if missing and not self._foretold:
            found.append(f"This lab cannot ask {', '.join(missing)}: a model of Kyverno answered instead.")
        return found + [note for one in self.mine if (note := self._disagreement(one))]

    def _pinned(self) -> list[str]:
        """What a lab cannot show of a policy that names the real Sigstore's certificates or keys."""
        pinned = [one for one in self.mine if one.pinned]
        if not pinned:
            return []
        names = ", ".join(one.spec.id for one in pinned)
        return [
            f"The policy names certificates or keys of the public Sigstore ({pinned[0].pinned}), and the samples are "
            "signed by the lab's own authority. What the policy says of signed images cannot be shown in this lab: a "
            f"model of Kyverno answered {names}."
        ]

    def _disagreement(self, one: Reading) -> str:
        """Where the model of Kyverno expected another answer than the cluster gave; the cluster's counts."""
        if one.answer is None or one.predicted or one.seen is Seen.UNKNOWN:
            return ""
        prediction = oracle.answer(self.found.reviews, one.question)
        live = oracle.Answer.DENIED if one.answer.answer is Answer.DENIED else oracle.Answer.ADMITTED
        if prediction.answer in (live, oracle.Answer.CANNOT_TELL):
            return ""
        expected = f"The model of Kyverno expected {prediction.answer.value} for the probe {one.spec.id}"
        return f"{expected}; the cluster's answer counts."
