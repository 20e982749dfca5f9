"""Evidence: everything that the grader saw, immutable and serialisable, with no judgement.

Reading (repository.py, cluster.py, probes.py) fills it; `grader.checks` judges it; `store.py`
writes and reads it as JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

SCHEMA = "platform-labs/evidence/v1"

Json = Any
"""None, bool, int, float, str, or a list or dict of the same."""


@dataclass(frozen=True, slots=True)
class File:
    """One entry of a tree, or a file of the working tree. Paths have `/` and begin at the root.

    `content` is None for what is not read: too large, a link, a submodule, or of no use to any
    check. `blob` is the name that Git gives the bytes (empty for a file of the working tree that
    was not read), `mode` the mode in Git's form, `size` the bytes (0 where they were not counted).
    """

    path: str
    mode: int
    blob: str
    size: int
    content: bytes | None = None

    @property
    def is_link(self) -> bool:
        """A symbolic link; its target is never followed."""
        return self.mode & 0o170000 == 0o120000


@dataclass(frozen=True, slots=True)
class Remote:
    """The branch of the remote, as asked from it (`asked`) or as the clone last saw it.

    `head` is None where the branch does not exist there; `error` says why it could not be read.
    `contains` tells whether the remote's head has the graded commit in its history.
    `files` are the entries under the exercise's folder at that head (without content).
    `elsewhere` names other branches of the remote that have the graded commit. `built_on` tells, where the
    remote does not have that commit, whether the commit has the remote's head in its history.
    """

    name: str
    branch: str
    asked: bool
    head: str | None = None
    contains: bool | None = None
    files: tuple[File, ...] = ()
    error: str | None = None
    elsewhere: tuple[str, ...] = ()
    built_on: bool | None = None


@dataclass(frozen=True, slots=True)
class Repository:
    """The learner's repository at one commit, and beside it the working tree where there is one.

    `commit` is None in a repository without commits. `files` are the commit's. `working` holds
    the files of the working tree (None where a revision was asked for).
    """

    path: str
    commit: str | None
    branch: str | None
    files: tuple[File, ...] = ()
    working: tuple[File, ...] | None = None
    remote: Remote | None = None
    notes: tuple[str, ...] = ()

    def at_commit(self, path: str) -> File | None:
        """The file of that path in the graded commit."""
        return next((file for file in self.files if file.path == path), None)


@dataclass(frozen=True, slots=True)
class Cluster:
    """Objects of the cluster as raw JSON, by kind; what could not be read is in `unreadable`.

    Kinds: Namespace, Deployment, CustomResourceDefinition, ClusterPolicy, ImageValidatingPolicy,
    Policy, Application, ValidatingWebhookConfiguration, MutatingWebhookConfiguration, Provider,
    ConfigMap (only the lab's and Kyverno's own). Secrets are never read. A kind that the server does not
    serve is in `objects` with no entry and in `not_served`.
    """

    server: str
    version: str
    uid: str
    simulated: bool = False
    objects: Mapping[str, tuple[Json, ...]] = field(default_factory=dict)
    not_served: tuple[str, ...] = ()
    unreadable: Mapping[str, str] = field(default_factory=dict)

    def all(self, kind: str) -> tuple[Json, ...]:
        """All objects of a kind that were read."""
        return self.objects.get(kind, ())

    def get(self, kind: str, name: str, namespace: str | None = None) -> Json | None:
        """One object, or None."""
        for found in self.all(kind):
            metadata = found.get("metadata") or {}
            if metadata.get("name") == name and (namespace is None or metadata.get("namespace") == namespace):
                return found
        return None


class Answer(StrEnum):
    """What the cluster said to a probe."""

    ADMITTED = "admitted"
    DENIED = "denied"
    UNKNOWN = "unknown"  # an error or a time-out: could not tell


@dataclass(frozen=True, slots=True)
class ProbeAnswer:
    """The live answer to one probe.

    `denials` maps policy → rule → message as the admission webhook gave them: all rules that
    failed, those that only audit too; the rule is empty for kinds without rules. An `unknown`
    answer has them where a fault of network or trust was the reason given. `images` are the
    images of the answered object (a digest shows mutation). `looked` maps policy → rule →
    pass/fail/skip, from the annotations that Kyverno wrote (both names empty before 1.19; none
    for ephemeral containers). `image` is what was asked about, `question` the object sent,
    `message` the server's whole answer where it was not a plain admission. `attempts` is 0 for
    what could not be asked.
    """

    probe: str
    answer: Answer
    image: str
    namespace: str
    message: str = ""
    denials: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    looked: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    images: tuple[str, ...] = ()
    question: Json = None
    attempts: int = 1
    milliseconds: int = 0


@dataclass(frozen=True, slots=True)
class Canary:
    """What the lab's own policy answered: it tells the environment from the learner.

    `ok` is None where it was not asked; `problem` is one of `trust`, `registry`, `webhook`, `missing-lab`, `other`
    or None, `message` the server's words, `next` the command that mends it.
    """

    ok: bool | None = None
    problem: str | None = None
    message: str = ""
    next: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that one grading saw. `probed_versions` maps the policies live at the time of the
    probes (`name`) to their `uid@resourceVersion`."""

    module: str
    profile: str
    collected_at: str
    grader: str
    course: str
    repository: Repository | None = None
    cluster: Cluster | None = None
    canary: Canary = Canary()
    probes: tuple[ProbeAnswer, ...] = ()
    probed_versions: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def answer(self, probe: str) -> ProbeAnswer | None:
        """The answer to the probe of that name, or None where it was not put."""
        return next((answer for answer in self.probes if answer.probe == probe), None)
