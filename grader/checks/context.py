"""What a check is given: evidence, what the exercise asks, and the learner's policy, found once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from grader.checks.candidates import Candidate, Submission
from grader.course import CheckSpec, Exercise
from grader.errors import CourseError
from grader.evidence.model import Cluster, Evidence, Repository


@dataclass(frozen=True, slots=True)
class Context:
    """The evidence of one grading, turned to one check.

    `submission` holds the learner's files as read for the policy; all contexts of one grading
    share it, so a file is parsed once. Make the first by `Context.begin`, the next by `turn`.
    `shared` holds what several checks of one grading work out from the same evidence, by name.
    """

    evidence: Evidence
    exercise: Exercise
    spec: CheckSpec
    submission: Submission = field(repr=False, compare=False)
    shared: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def begin(cls, evidence: Evidence, exercise: Exercise, spec: CheckSpec) -> Context:
        """The context of the first check of a grading."""
        folder = str(exercise.parameters.get("folder", ""))
        return cls(evidence, exercise, spec, Submission(evidence.repository, folder))

    def turn(self, spec: CheckSpec) -> Context:
        """The same grading, turned to another check."""
        return replace(self, spec=spec)

    def parameter(self, name: str) -> Any:
        """A value that the course gives: the check's own, else the exercise's.

        Raises CourseError where neither has it.
        """
        for parameters in (self.spec.parameters, self.exercise.parameters):
            if name in parameters:
                return parameters[name]
        raise CourseError(f"the check {self.spec.id} needs the parameter {name}", advice="Add it to exercise.yaml.")

    @property
    def repository(self) -> Repository | None:
        """The learner's repository, or None where none was collected."""
        return self.evidence.repository

    @property
    def cluster(self) -> Cluster | None:
        """The cluster's objects, or None in the repository profile."""
        return self.evidence.cluster

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """All readable ClusterPolicies among the learner's files, the likeliest first."""
        return self.submission.current.candidates

    @property
    def policy(self) -> Candidate | None:
        """The learner's policy: from the working tree where it has one, else from the commit."""
        return self.candidates[0] if self.candidates else None

    @property
    def policies(self) -> tuple[Candidate, ...]:
        """The ClusterPolicies that would be in force together: all that Argo CD would apply,
        or the likeliest alone where it would apply none."""
        deployed = tuple(found for found in self.candidates if self.submission.current.deploys(found.file))
        return deployed or self.candidates[:1]
