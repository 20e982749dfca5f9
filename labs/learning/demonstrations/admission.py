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
from labs.learning.demonstrations.deciding import Decision, decision
from labs.learning.demonstrations.effects import EFFECTS
from labs.learning.demonstrations.scene import Detail, Row, Scene, Table, row, scene, table
from labs.learning.demonstrations.trusting import DISTRUST, SIGNED, distrusted, for_want_of_trust
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
    beside = [one for one in (EFFECTS[1].probes(where)[0],) if SIGNED in world.facts.samples and one not in specs]
    found = probes.run(world.kube, [*specs, *beside], world.facts)
    answers, distrust = found[: len(specs)], _distrust(world, [*specs, *beside], found)
    decided = [_decision(world, *one, distrust) for one in zip(specs, answers, strict=True)]
    rows = [_row(*one) for one in zip(specs, answers, decided, strict=True)]
    tables = [table(f"asked in {where}", ("answer", "request", "line that decides", "policy and rule"), rows)]
    if effect.webhooks:
        tables.insert(0, _asked_of(world))
    request = _shortly(specs[0], answers[0]) if specs else ""
    line = f"Decided by {decided[0].line}" if decided and decided[0].line else ""
    told = [_first(answers), line, standing(world), _summary(answers)]
    explanation = "" if distrust and answers and for_want_of_trust(answers[0]) else effect.explanation
    explained = [DISTRUST if distrust else "", explanation]
    title = f"{effect.number}. {effect.title}"
    return scene(title, "\n".join(filter(None, explained)), request, "\n".join(filter(None, told)), tables)


def _distrust(world: World, specs: list[ProbeSpec], answers: tuple[ProbeAnswer, ...]) -> bool:
    """Whether Kyverno refuses the properly signed sample for want of trust in who signed it."""
    pairs = zip(specs, answers, strict=True)
    signed = next(((spec, answer) for spec, answer in pairs if spec.sample == SIGNED), None)
    return signed is not None and distrusted(world, _question(world, signed[0], signed[1].image), signed[1])


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


def _row(spec: ProbeSpec, answer: ProbeAnswer, decided: Decision) -> Row:
    acting = (*_denied(answer), *_looked(answer))
    by = ", ".join(f"{policy}/{rule}" if rule else policy for policy, rule, _ in acting)
    details: list[Detail] = [
        ("request", _described(spec, answer)),
        ("answer", f"{answer.answer.value} after {answer.milliseconds} ms"),
        *(("refused by", f"{policy}/{rule}: {reason}") for policy, rule, reason in _denied(answer)),
        *(("looked by", f"{policy}/{rule}: {said}") for policy, rule, said in _looked(answer)),
        ("images", "\n".join(answer.images)),
        ("line", decided.line),
        ("which says", "" if decided.says in str(answer.denials) else decided.says),
        ("message", "" if answer.denials or answer.answer is Answer.ADMITTED else answer.message),
        ("again", exactly(spec, answer) if answer.question is not None else ""),
    ]
    return row((_came(answer), _request(spec), decided.short or "-", by or "-"), details)


def _request(spec: ProbeSpec) -> str:
    parts = [f"{spec.kind} with {spec.sample}", _PLACES.get(spec.where, "")]
    parts += ["by digest" if spec.reference == "digest" else "", "in default" if spec.namespace == "default" else ""]
    parts.append("by Crossplane's account" if spec.identity == "crossplane" else "")
    return ", ".join(part for part in parts if part)


def _described(spec: ProbeSpec, answer: ProbeAnswer) -> str:
    return f"{_request(spec)}\n{f'{answer.image} in {spec.namespace}'.strip()}"


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


def _decision(world: World, spec: ProbeSpec, answer: ProbeAnswer, distrust: bool) -> Decision:
    """Where the policy decides; nothing where no policy did."""
    if answer.answer is Answer.UNKNOWN or (distrust and for_want_of_trust(answer)):
        return Decision()
    return decision(world, _question(world, spec, answer.image), answer)


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
