"""What the exercise's probes showed of the learner's own policies.

A denial counts only where it names one of them and the image that was asked about: another policy
may deny as well, and a pattern that is too wide may deny another image of the same Pod.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from grader.checks.commands import command
from grader.checks.contains import difference
from grader.checks.context import Context
from grader.checks.live import live, seen_cluster
from grader.checks.objects import dig, image_parts, text
from grader.course import ProbeSpec
from grader.errors import EnvironmentFault
from grader.evidence.model import Answer, ProbeAnswer
from grader.kyverno.request import Image, Probe, Signature, identity
from grader.text import one_line

_PLACES = {
    "container": "containers",
    "second": "containers",
    "init": "initContainers",
    "ephemeral": "ephemeralContainers",
}
_CANARY_NEXT = {"trust": "labs trust kyverno", "registry": "labs up", "missing-lab": "labs up"}


@dataclass(frozen=True, slots=True)
class Seen:
    """One probe and its answer, told from the view of the learner's policies (`own`)."""

    spec: ProbeSpec
    answer: ProbeAnswer
    own: frozenset[str]

    @property
    def denial(self) -> str | None:
        """Why a policy of the learner's refused the image, or None where none did."""
        repository = image_parts(self.answer.image)[0]
        reasons = [
            reason
            for policy, rules in self.answer.denials.items()
            if policy in self.own
            for reason in rules.values()
            if repository in reason
        ]
        return one_line("; ".join(reasons), 600) if reasons else None

    @property
    def touched(self) -> bool:
        """Whether a policy of the learner's looked at the image, whatever it said."""
        looked = (
            said != "skip"
            for policy, rules in self.answer.looked.items()
            if policy in self.own
            for said in rules.values()
        )
        return self.denial is not None or any(looked)

    @property
    def met(self) -> bool:
        """Whether the answer is the one expected."""
        expect = self.spec.expect
        if expect == "denied":
            return self.denial is not None
        if expect == "admitted":
            return self.denial is None
        return self.touched == (expect == "touched")

    @property
    def again(self) -> str:
        """The command that shows the answer once more; nothing of it is stored."""
        namespace, image = self.spec.namespace, self.answer.image
        words = ["kubectl", "-n", namespace]
        if self.spec.where == "ephemeral":
            pod = text(self.answer.question, "metadata", "name") or "POD"
            return command(*words, "debug", pod, f"--image={image}", "--profile=restricted")
        create = ["create", "deployment"] if self.spec.kind == "Deployment" else ["run"]
        words += [*create, "trial", "--dry-run=server", f"--image={image}"]
        if self.spec.where == "init":
            spec = {
                "containers": [{"name": "trial", "image": image}],
                "initContainers": [{"name": "init", "image": image}],
            }
            words.append(f"--overrides={json.dumps({'spec': spec})}")
        if self.spec.identity == "crossplane":
            words.append("--as=system:serviceaccount:crossplane-system:crossplane")
        return command(*words)

    def question(self, subject: str, issuer: str) -> Probe:
        """The probe as the oracle asks it; of signatures only the proper one is known here."""
        proper = (Signature(subject, issuer, bundle=True),) if self.spec.sample.startswith("signed") else ()
        image = Image(self.answer.image, _PLACES[self.spec.where], signatures=proper)
        return Probe(self.spec.id, image, self.spec.namespace, self.spec.kind, identity(self.spec.identity))


def not_in_force(context: Context) -> str | None:
    """Why the learner's policy, as the file has it, is not what the cluster enforces; None where it is."""
    seen_cluster(context, "ClusterPolicy")
    if not context.policies:
        return "There is no policy to ask about yet."
    transformed = context.submission.current.build.mode != "directory"
    for policy in context.policies:
        found = live(context, policy)
        if found is None:
            return f"The ClusterPolicy “{one_line(policy.name, 100)}” is not in the cluster yet."
        if not transformed and difference(dig(policy.document.value, "spec"), dig(found, "spec")) is not None:
            return (
                f"The cluster holds another version of the ClusterPolicy “{one_line(policy.name, 100)}” than your file."
            )
    return None


def answered(context: Context, checks: Iterable[str]) -> list[Seen]:
    """The probes of some checks with their answers.

    Raises EnvironmentFault where the surroundings do not work, or a probe has no answer: that
    never counts for or against anybody.
    """
    canary = context.evidence.canary
    if canary.ok is not True:
        said = one_line(canary.message, 400) or "it was not asked"
        raise EnvironmentFault(
            f"the lab's own test policy did not answer as it must ({canary.problem or 'other'}): {said}",
            where="ClusterPolicy/platform-labs-canary",
            advice=_CANARY_NEXT.get(canary.problem or "", "labs doctor"),
        )
    wanted = frozenset(checks)
    own = frozenset(policy.name for policy in context.policies)
    found = []
    for spec in context.exercise.probes:
        if spec.check in wanted:
            answer = context.evidence.answer(spec.id)
            if answer is None or answer.answer is Answer.UNKNOWN:
                said = one_line(answer.message, 400) if answer else "it was not put"
                raise EnvironmentFault(
                    f"the probe {spec.id} has no answer: {said}",
                    advice="Grade again; labs doctor looks at the machine.",
                )
            found.append(Seen(spec, answer, own))
    return found
