"""Which line of a policy decides an answer: a line of the learner's file, or a field of what was applied otherwise."""

from __future__ import annotations

from dataclasses import dataclass

from grader.evidence.model import ProbeAnswer
from grader.kyverno import explain, oracle
from grader.kyverno.clause import Clause
from grader.kyverno.doubt import CannotTell
from grader.kyverno.request import Probe
from labs.learning.demonstrations.world import World, of_a_file


@dataclass(frozen=True, slots=True)
class Decision:
    """What decided: its place in full and in short, and what it does; all empty where nothing is to be said."""

    line: str = ""
    short: str = ""
    says: str = ""


def decision(world: World, probe: Probe, answer: ProbeAnswer) -> Decision:
    """Where the policies in force decide this, by a model of Kyverno; no place where the model expects otherwise."""
    try:
        found = explain.deciding_line(world.policies, probe)
        expected = oracle.answer(world.policies, probe).answer
    except CannotTell as doubt:
        return Decision(says=f"A model of Kyverno cannot tell: {doubt.reason}")
    if found is None:
        return Decision(says="No policy is in force that could decide it.")
    if expected in (oracle.Answer.ADMITTED, oracle.Answer.DENIED) and expected.value != answer.answer.value:
        return Decision(says="A model of Kyverno expects another answer, so it cannot name the line.")
    return _of_file(found) if of_a_file(found.place.document) else _of_cluster(world, found)


def _of_file(found: Clause) -> Decision:
    return Decision(found.where, found.where.rpartition("/")[2], found.text)


def _of_cluster(world: World, found: Clause) -> Decision:
    """A policy that no file of the clone is the source of: its field stands for the line."""
    policy = found.place.document.object_name
    known = policy in world.own
    how = "in force otherwise than your files say" if known else "applied by hand, no file of your clone"
    short = "not as your files say" if known else "applied by hand"
    field = f"{found.place.field} of {policy}" if found.place.field else policy
    return Decision(f"{field} ({how})", f"{short} ({found.name})", found.text)
