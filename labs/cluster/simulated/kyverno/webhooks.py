"""The webhook configurations that a running Kyverno keeps in the cluster.

Source: Kyverno 1.19.1 pkg/controllers/webhook (controller.go, utils_webhook.go), as seen on a cluster.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from grader.kyverno import autogen, kinds
from grader.kyverno.policy import Policy, Rule
from labs.cluster.simulated.api.resource import Resource

Object = dict[str, Any]

MUTATING, VALIDATING = "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"
RESOURCE_MUTATING = "kyverno-resource-mutating-webhook-cfg"
RESOURCE_VALIDATING = "kyverno-resource-validating-webhook-cfg"
POLICY_VALIDATING = "kyverno-policy-validating-webhook-cfg"
LABEL = "webhook.kyverno.io/managed-by"

_WRITTEN = ["CREATE", "UPDATE"]
_EVERYTHING = ["CONNECT", "CREATE", "DELETE", "UPDATE"]
_CEL = ("v1alpha1", "v1beta1", "v1")
_CEL_KINDS = (
    "validatingpolicies", "namespacedvalidatingpolicies", "imagevalidatingpolicies",
    "namespacedimagevalidatingpolicies", "generatingpolicies", "namespacedgeneratingpolicies",
    "mutatingpolicies", "namespacedmutatingpolicies", "deletingpolicies",
)  # fmt: skip
_LEGACY = ("kyverno.io", ("v1", "v2beta1"), ("clusterpolicies", "policies"))
_FURTHER = (
    ("exception", "/exceptionvalidate", "kyverno.io", ("v2alpha1", "v2beta1"), "policyexceptions"),
    ("cel-exception", "/celexception/validate", "policies.kyverno.io", _CEL, "policyexceptions"),
    ("global-context", "/globalcontextvalidate", "kyverno.io", ("v2alpha1",), "globalcontextentries"),
)


def fixed(service: str, namespace: str) -> list[Object]:
    """The configurations that do not depend on policies: those about Kyverno's own kinds."""

    def hook(name: str, path: str, rules: list[Object], policy: str = "Fail", effects: str = "None") -> Object:
        return _webhook(name, service, namespace, path, rules, policy, effects)

    legacy = rule(*_LEGACY, _WRITTEN)
    leases = rule("coordination.k8s.io", ("v1",), ("leases",), ["UPDATE"])
    monitor = hook("monitor-webhooks.kyverno.svc", "/verifymutate", [leases], "Ignore", "NoneOnDryRun")
    monitor["objectSelector"] = {"matchLabels": {"app.kubernetes.io/name": "kyverno"}}
    mutate = hook("mutate-policy.kyverno.svc", "/policymutate", [legacy], effects="NoneOnDryRun")
    judge = hook("validate-policy.kyverno.svc", "/policyvalidate", [legacy, *_cel_rules()])
    return [
        configuration(MUTATING, "kyverno-policy-mutating-webhook-cfg", [mutate]),
        configuration(MUTATING, "kyverno-verify-mutating-webhook-cfg", [monitor]),
        configuration(VALIDATING, POLICY_VALIDATING, [judge]),
        *(
            configuration(
                VALIDATING,
                f"kyverno-{name}-validating-webhook-cfg",
                [hook("kyverno-svc.kyverno.svc", path, [rule(group, versions, (plural,), _WRITTEN)])],
            )
            for name, path, group, versions, plural in _FURTHER
        ),
    ]


def _cel_rules() -> list[Object]:
    """The rules about policies written in CEL; the namespaced twins have no alpha version."""
    return [
        rule("policies.kyverno.io", _CEL[1:] if plural.startswith("namespaced") else _CEL, (plural,), _WRITTEN)
        for plural in _CEL_KINDS
    ]


def rule(
    group: str, versions: Iterable[str], resources: Iterable[str], operations: list[str], scope: str = "*"
) -> Object:
    """One rule of a webhook."""
    return {
        "apiGroups": [group], "apiVersions": list(versions), "operations": list(operations),
        "resources": list(resources), "scope": scope,
    }  # fmt: skip


def configuration(kind: str, name: str, hooks: list[Object]) -> Object:
    """A webhook configuration as Kyverno labels it."""
    return {
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": kind,
        "metadata": {
            "name": name, "labels": {LABEL: "kyverno"}, "annotations": {"admissions.enforcer/disabled": "true"},
        },
        "webhooks": [dict(hook, reinvocationPolicy="IfNeeded") for hook in hooks] if kind == MUTATING else hooks,
    }  # fmt: skip


def _webhook(
    name: str,
    service: str,
    namespace: str,
    path: str,
    rules: list[Object],
    policy: str,
    effects: str,
    seconds: int = 10,
) -> Object:
    client = {"service": {"name": service, "namespace": namespace, "path": path, "port": 443}}
    return {
        "name": name, "admissionReviewVersions": ["v1"], "clientConfig": client, "failurePolicy": policy,
        "matchPolicy": "Equivalent", "namespaceSelector": {}, "objectSelector": {}, "rules": rules,
        "sideEffects": effects, "timeoutSeconds": seconds,
    }  # fmt: skip


def of_policies(
    policies: list[Policy], resources: list[Resource], service: str, namespace: str, selector: Object
) -> list[Object]:
    """The two configurations about everything else: which kinds the live policies look at."""
    found = []
    for kind, name, verb, operations, speaks in (
        (MUTATING, RESOURCE_MUTATING, "mutate", _WRITTEN, _mutates),
        (VALIDATING, RESOURCE_VALIDATING, "validate", _EVERYTHING, _validates),
    ):
        hooks = []
        for failure in ("Ignore", "Fail"):
            chosen = [policy for policy in policies if policy.failure_policy == failure]
            rules = _rules([r for p in chosen for r in autogen.rules(p) if speaks(r)], resources, operations)
            if rules:
                word = failure.lower()
                seconds = max(map(_seconds, chosen))
                hook = _webhook(
                    f"{verb}.kyverno.svc-{word}",
                    service,
                    namespace,
                    f"/{verb}/{word}",
                    rules,
                    failure,
                    "NoneOnDryRun",
                    seconds,
                )
                hooks.append({**hook, "namespaceSelector": selector})
        found.append(configuration(kind, name, hooks))
    return found


def _mutates(rule: Rule) -> bool:
    return rule.verifies or bool(rule.body.get("mutate"))


def _validates(rule: Rule) -> bool:
    return rule.verifies or rule.validates


def _seconds(policy: Policy) -> int:
    configured = (policy.spec.get("webhookConfiguration") or {}).get("timeoutSeconds")
    return int(configured or policy.spec.get("webhookTimeoutSeconds") or 10)


def _rules(rules: list[Rule], resources: list[Resource], operations: list[str]) -> list[Object]:
    wanted: dict[tuple[str, str, str], set[str]] = {}
    for one in rules:
        for text in one.kinds():
            for group, version, plural, scope in _resources(kinds.parse(text), resources):
                wanted.setdefault((group, version, scope), set()).add(plural)
                if (group, plural) == ("", "pods"):
                    wanted[group, version, scope].add("pods/ephemeralcontainers")
    return [rule(g, (v,), sorted(plurals), operations, scope) for (g, v, scope), plurals in sorted(wanted.items())]


def _resources(selector: kinds.Selector, resources: list[Resource]) -> Iterator[tuple[str, str, str, str]]:
    """What a kind's spelling stands for; a subresource is written behind its kind."""
    if selector.kind == "ReplicationController" and selector.group in ("", "*"):
        yield "", "v1", "replicationcontrollers", "Namespaced"
    for one in resources:
        fits = (
            selector.kind in (one.kind, "*")
            and selector.group in (one.group, "*")
            and selector.version in (one.version, "*")
        )
        if fits and (selector.version != "*" or one.version == one.storage):
            plural = f"{one.plural}/{selector.subresource}" if selector.subresource not in ("", "*") else one.plural
            yield one.group, one.version, plural, "Namespaced" if one.namespaced else "Cluster"
