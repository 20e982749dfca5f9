"""The four effects asked live: each request as a server-side dry run, its answer, and the line that decides."""

from __future__ import annotations

from collections.abc import Iterator

from grader.checks import samples
from grader.checks.commands import command
from grader.checks.kyverno_config import missing_webhooks
from grader.checks.repeat import exactly
from grader.course import ProbeSpec
from grader.evidence import probes
from grader.evidence.dig import mappings, name, text
from grader.evidence.model import Answer, ProbeAnswer
from grader.kyverno import explain
from grader.kyverno.clause import Clause
from grader.kyverno.doubt import CannotTell
from grader.kyverno.request import Probe
from grader.kyverno.review import PolicyReview
from labs.learning.demonstrations.effects import EFFECTS
from labs.learning.demonstrations.scene import Detail, Row, Scene, Table, row, scene, table
from labs.learning.demonstrations.world import World

_PLACES = {"init": "init container", "second": "second container", "ephemeral": "ephemeral container"}
_IMAGE = 'jsonpath={.spec.containers[0].image}{"\\n"}'
_SYSTEM = ("kube-", "platform-labs", "local-path-storage")
_ASKED = ("about", "when", "if it does not answer")
_WEBHOOKS = (
    ("MutatingWebhookConfiguration", "kyverno-resource-mutating-webhook-cfg"),
    ("ValidatingWebhookConfiguration", "kyverno-resource-validating-webhook-cfg"),
)


def show(world: World, number: int) -> Scene:
    """The effect of that number, 1 to 4. Raises EnvironmentFault where the cluster does not answer."""
    effect = EFFECTS[number - 1]
    where = namespace(world)
    specs = [one for one in effect.probes(where) if one.sample in world.facts.samples]
    answers = probes.run(world.kube, specs, world.facts)
    rows = [_row(world, spec, answer) for spec, answer in zip(specs, answers, strict=True)]
    tables = [table(f"asked in {where}", ("answer", "request", "line that decides", "policy and rule"), rows)]
    if effect.webhooks:
        tables.insert(0, _asked_of(world))
    request = _shortly(specs[0], answers[0]) if specs else ""
    told = [_first(answers), _decided(rows), standing(world), _summary(answers)]
    title = f"{effect.number}. {effect.title}"
    return scene(title, effect.explanation, request, "\n".join(one for one in told if one), tables)


def standing(world: World) -> str:
    """Which policies answer: the learner's, others, or none."""
    missing = missing_webhooks(world.cluster)
    live = [one.name for one in world.policies if one.live]
    mine = [one for one in live if one in world.own]
    others = [one for one in live if one not in world.own]
    if missing:
        return "Kyverno is not there, so nobody is asked: this is what the cluster lets in today. Step 1 installs it."
    if not live:
        return "No policy is in force yet, so nothing is verified: this is what the cluster lets in today."
    told = f"In force is your policy {', '.join(mine)}." if mine else "Your policy is not in force yet."
    return f"{told} Also in force, from elsewhere: {', '.join(others)}." if others else told


def namespace(world: World) -> str:
    """Where to ask: the exercise's namespace, or another one where a policy looks at providers and there none does."""
    first = world.parameter("namespace")
    names = [name(one) for one in world.cluster.all("Namespace")]
    others = sorted(one for one in names if one != first and not one.startswith(_SYSTEM))
    spec = EFFECTS[3].probes(first)[0]
    return next((one for one in (first, *others) if _looks(world, spec.model_copy(update={"namespace": one}))), first)


def _looks(world: World, spec: ProbeSpec) -> bool:
    return any(_untouched(one, _question(world, spec, None)) is None for one in world.policies)


def _untouched(review: PolicyReview, probe: Probe) -> Clause | str | None:
    try:
        return explain.untouched(review, probe)
    except CannotTell as doubt:
        return doubt.reason


def _question(world: World, spec: ProbeSpec, reference: str | None) -> Probe:
    images, subject, issuer = (world.parameter(key) for key in ("images", "subject", "issuer"))
    return samples.probe(spec, reference, images, subject, issuer)


def _summary(answers: tuple[ProbeAnswer, ...]) -> str:
    counts = {one: sum(found.answer is one for found in answers) for one in Answer}
    told = f"Requests: {len(answers)}. Let in: {counts[Answer.ADMITTED]}. Refused: {counts[Answer.DENIED]}."
    return f"{told} Without an answer: {counts[Answer.UNKNOWN]}." if counts[Answer.UNKNOWN] else told


def _first(answers: tuple[ProbeAnswer, ...]) -> str:
    """What came back for the request that is shown."""
    if not answers:
        return "This lab has none of the samples that show it."
    one = answers[0]
    if one.answer is not Answer.ADMITTED:
        return "\n".join(line for line in one.message.splitlines() if line.strip())
    same = "  (as it was written: nothing verified it)" if one.image in one.images else ""
    return f"{', '.join(one.images)}{same}"


def _decided(rows: list[Row]) -> str:
    """The line that decides the request that is shown."""
    line = dict(rows[0].details).get("line", "") if rows else ""
    return f"Decided by {line}" if line else ""


def _row(world: World, spec: ProbeSpec, answer: ProbeAnswer) -> Row:
    line, why = _line(world, spec, answer)
    acting = (*_denied(answer), *_looked(answer))
    by = ", ".join(f"{policy}/{rule}" if rule else policy for policy, rule, _ in acting)
    details: list[Detail] = [
        ("request", _described(spec, answer)),
        ("answer", f"{answer.answer.value} after {answer.milliseconds} ms"),
        *(("refused by", f"{policy}/{rule}: {reason}") for policy, rule, reason in _denied(answer)),
        *(("looked by", f"{policy}/{rule}: {said}") for policy, rule, said in _looked(answer)),
        ("images", "\n".join(answer.images)),
        ("line", line),
        ("which says", "" if why in str(answer.denials) else why),
        ("message", "" if answer.denials or answer.answer is Answer.ADMITTED else answer.message),
        ("again", exactly(spec, answer) if answer.question is not None else ""),
    ]
    return row((_came(answer), _request(spec), line.rpartition("/")[2] or "-", by or "-"), details)


def _request(spec: ProbeSpec) -> str:
    parts = [f"{spec.kind} with {spec.sample}", _PLACES.get(spec.where, "")]
    parts += ["by digest" if spec.reference == "digest" else "", "in default" if spec.namespace == "default" else ""]
    parts.append("by Crossplane's account" if spec.identity == "crossplane" else "")
    return ", ".join(part for part in parts if part)


def _described(spec: ProbeSpec, answer: ProbeAnswer) -> str:
    return f"{_request(spec)}\n{answer.image} in {spec.namespace}"


def _came(answer: ProbeAnswer) -> str:
    if answer.answer is Answer.ADMITTED:
        pinned = any("@sha256:" in one for one in answer.images) and "@" not in answer.image
        return "let in, at its digest" if pinned else "let in"
    return "refused" if answer.answer is Answer.DENIED else "not answered"


def _denied(answer: ProbeAnswer) -> Iterator[tuple[str, str, str]]:
    for policy, rules in answer.denials.items():
        yield from ((policy, rule, reason) for rule, reason in rules.items())


def _looked(answer: ProbeAnswer) -> Iterator[tuple[str, str, str]]:
    for policy, rules in answer.looked.items():
        yield from ((policy, rule, said) for rule, said in rules.items())


def _line(world: World, spec: ProbeSpec, answer: ProbeAnswer) -> tuple[str, str]:
    """Where the policy decides this, by a model of Kyverno, and what that line does."""
    try:
        found = explain.deciding_line(world.policies, _question(world, spec, answer.image or None))
    except CannotTell as doubt:
        return "", f"A model of Kyverno cannot tell: {doubt.reason}"
    return (found.where, found.text) if found else ("", "No policy is in force that could decide it.")


def _shortly(spec: ProbeSpec, answer: ProbeAnswer) -> str:
    """The first request, as one would type it; it prints the image as it was let in."""
    run = ("kubectl", "-n", spec.namespace, "run", "trial", "--dry-run=server", f"--image={answer.image}")
    return command(*run, "-o", _IMAGE)


def _asked_of(world: World) -> Table:
    """What Kyverno has registered itself for."""
    rows = []
    for kind, called in _WEBHOOKS:
        for one in mappings(world.cluster.get(kind, called), "webhooks"):
            rules = mappings(one, "rules")
            resources = ", ".join(dict.fromkeys(part for rule in rules for part in _texts(rule.get("resources"))))
            operations = ", ".join(dict.fromkeys(part for rule in rules for part in _texts(rule.get("operations"))))
            cells = (text(one, "name"), resources, operations, text(one, "failurePolicy"))
            details = zip(("webhook", *_ASKED), (f"{kind}/{called}", *cells[1:]), strict=True)
            rows.append(row(cells, details))
    if not rows:
        later = "Kyverno registers itself for Pods as soon as a policy needs it."
        rows = [row(("nobody", "-", "-", "-"), [("webhook", later)])]
    return table("whom the API server asks", ("webhook", *_ASKED), rows)


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
