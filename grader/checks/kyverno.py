"""Task 1: Kyverno is in the cluster, serves ClusterPolicy, and stands at the door."""

from __future__ import annotations

import re
from typing import Any

from grader.checks.commands import command as shell
from grader.checks.context import Context
from grader.checks.kyverno_config import exclusions, missing_webhooks
from grader.checks.live import seen_cluster
from grader.checks.objects import condition, name, namespace, number, text
from grader.checks.versions import admission_controllers
from grader.outcome import Status, Verdict
from grader.text import one_line, quoted

INSTALL = "labs install kyverno"
_WHY_INSTALLED = "Without its admission controller nothing looks at a Pod before it runs."
_WHY_SERVED = "The exercise's policy is a ClusterPolicy; a cluster that does not serve the kind cannot hold it."
_WHY_READY = "A policy is enforced only while Kyverno's webhook is asked about every new Pod."


def installed(context: Context) -> Verdict:
    """`kyverno.installed`: an admission controller is there and ClusterPolicy is served."""
    cluster = seen_cluster(context, "Deployment", "ClusterPolicy")
    controllers = admission_controllers(cluster)
    expected = "Kyverno's admission controller runs in the cluster, and the cluster serves ClusterPolicy (kyverno.io)."
    served = "ClusterPolicy" not in cluster.not_served
    if controllers and served:
        return Verdict(Status.PASSED, seen=_described(controllers[0]), expected=expected)
    if controllers:
        return Verdict(
            Status.FAILED,
            expected=expected,
            seen=f"{_described(controllers[0])}, but the cluster does not serve ClusterPolicy: this Kyverno has no "
            "such kind, or its custom resource definitions were not installed.",
            where="CustomResourceDefinition/clusterpolicies.kyverno.io",
            why=_WHY_SERVED,
            next=_again(_install_command(context), controllers[0]),
        )  # fmt: skip
    seen = "No Deployment of Kyverno's admission controller in any namespace"
    return Verdict(
        Status.FAILED,
        expected=expected,
        seen=f"{seen}; only its custom resource definitions are there." if served else f"{seen}.",
        why=_WHY_INSTALLED,
        next=_install_command(context),
    )


def ready(context: Context) -> Verdict:
    """`kyverno.ready`: the controller is available, its webhooks are registered and look at the namespace."""
    kinds = ("Deployment", "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
    cluster, wanted = seen_cluster(context, *kinds), str(context.parameter("namespace"))
    expected = (
        f"Kyverno's admission controller is available, its webhooks are registered, and they look at Pods in {wanted}."
    )
    controllers = admission_controllers(cluster)
    if not controllers:
        return Verdict(Status.BLOCKED, expected=expected, needs=("kyverno.installed",))
    available = [one for one in controllers if number(one, "status", "availableReplicas") > 0]
    if not available:
        return _failed(expected, *_unavailable(controllers[0]))
    missing = missing_webhooks(cluster)
    if missing:
        seen = f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing"
        return _failed(
            expected,
            f"{seen}.",
            missing[0],
            "kubectl get mutatingwebhookconfigurations,validatingwebhookconfigurations",
        )
    for place, reason in exclusions(cluster, wanted):
        return _failed(expected, f"Kyverno is told not to look: {reason}.", place, _look_at(place))
    return Verdict(Status.PASSED, expected=expected, seen=_described(available[0]))


def _failed(expected: str, seen: str, where: str, following: str) -> Verdict:
    return Verdict(Status.FAILED, expected=expected, seen=seen, where=where, why=_WHY_READY, next=following)


def _described(controller: Any) -> str:
    return f"Deployment {quoted(name(controller))} in namespace {quoted(namespace(controller))}"


def _unavailable(controller: Any) -> tuple[str, str, str]:
    """What is seen of a controller that does not answer, where, and what to run."""
    place = f"Deployment/{one_line(namespace(controller))}/{one_line(name(controller))}"
    target = f"-n {one_line(namespace(controller))} deployment/{one_line(name(controller))}"
    if number(controller, "spec", "replicas", default=1) == 0:
        return f"{_described(controller)} is scaled to 0.", place, f"kubectl scale {target} --replicas=1"
    told = next(
        (said for kind in ("ReplicaFailure", "Available") if (said := text(condition(controller, kind), "message"))), ""
    )
    why = f": {one_line(told, 300)}" if told else ""
    return (
        f"{_described(controller)} has no available replica{why}",
        place,
        f"kubectl rollout status {target} --timeout=2m",
    )


def _look_at(place: str) -> str:
    kind, _, rest = place.partition("/")
    where, _, found = rest.rpartition("/")
    return f"kubectl get {kind.lower()} {found} {f'-n {where} ' if where else ''}-o yaml"


def _again(command: str, controller: Any) -> str:
    """The text's command, for a release that is there already, under whatever name Helm has it."""
    annotations = ("metadata", "annotations")
    release = text(controller, *annotations, "meta.helm.sh/release-name")
    where = text(controller, *annotations, "meta.helm.sh/release-namespace")
    command = command.replace("helm install ", "helm upgrade --install ")
    if not release or not where:
        return command
    command = re.sub(r"(--install) \S+", lambda found: f"{found[1]} {shell(release)}", command, count=1)
    return re.sub(r"(--namespace) \S+", lambda found: f"{found[1]} {shell(where)}", command, count=1)


def _install_command(context: Context) -> str:
    """The command by which the exercise's text installs Kyverno."""
    steps = (step for step in context.exercise.steps if context.spec.id in step.checks)
    commands = [command for step in steps for command in step.commands if "helm" in command and "kyverno" in command]
    repository = [command for command in commands if " repo add " in command]
    install = [command for command in commands if " install" in command]
    return "\n".join([*repository[:1], *install[:1]]) or INSTALL
