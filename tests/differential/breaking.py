"""Ways to spoil a policy, so that a cluster refuses it or loses a part of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.differential.draw import Draw

Policy = dict[str, Any]


def spoil(draw: Draw, policy: Policy) -> None:
    """Does one thing wrong. Some of it Kyverno takes nevertheless."""
    draw.one(*_WAYS)(policy)


def _rule(policy: Policy) -> Policy:
    found: Policy = policy["spec"]["rules"][0]
    return found


def _item(policy: Policy) -> Policy:
    found: Policy = next(rule for rule in policy["spec"]["rules"] if "verifyImages" in rule)["verifyImages"][0]
    return found


def _sets(policy: Policy) -> list[Policy]:
    found: list[Policy] = _item(policy).setdefault("attestors", [{"entries": [{"keyless": {"subject": "*"}}]}])
    return found


def _entry(policy: Policy) -> Policy:
    found: Policy = _sets(policy)[0]["entries"][0]
    return found


def _keyless(policy: Policy) -> Policy:
    found: Policy = _entry(policy).setdefault("keyless", {})
    return found


def _first_block(policy: Policy) -> Policy:
    section = _rule(policy)["match"]
    found: Policy = (section.get("any") or section.get("all") or [section])[0]
    return found


def _beside(policy: Policy) -> None:
    _rule(policy)["attestors"] = _sets(policy)
    del _item(policy)["attestors"]


def _same_exclude(policy: Policy) -> None:
    _rule(policy)["exclude"] = _rule(policy)["match"]


def _any_and_all(policy: Policy) -> None:
    _rule(policy)["match"] = {"any": [_first_block(policy)], "all": [_first_block(policy)]}


def _twice(policy: Policy) -> None:
    policy["spec"]["rules"].append(dict(_rule(policy)))


def _no_action(policy: Policy) -> None:
    policy["spec"].pop("validationFailureAction", None)
    for rule in policy["spec"]["rules"]:
        for item in rule.get("verifyImages", []):
            item.pop("failureAction", None)
            item.pop("mutateDigest", None)


def _setting(**fields: Any) -> Callable[[Policy], None]:
    return lambda policy: policy["spec"].update(fields)


def _in_item(**fields: Any) -> Callable[[Policy], None]:
    return lambda policy: _item(policy).update(fields)


def _in_keyless(**fields: Any) -> Callable[[Policy], None]:
    return lambda policy: _keyless(policy).update(fields)


def _in_resources(**fields: Any) -> Callable[[Policy], None]:
    return lambda policy: _first_block(policy)["resources"].update(fields)


_WAYS: tuple[Callable[[Policy], None], ...] = (
    _beside,
    _same_exclude,
    _any_and_all,
    _twice,
    _no_action,
    lambda policy: _keyless(policy).pop("rekor", None),
    _in_keyless(rekor={"url": ""}),
    _in_keyless(rekor={}),
    _in_keyless(roots="nonsense"),
    _in_keyless(issuerRegexp="x"),
    lambda policy: _sets(policy)[0].update(count=len(_sets(policy)[0]["entries"]) + 1),
    lambda policy: _sets(policy)[0].update(count=0),
    lambda policy: _sets(policy)[0].update(entries=[]),
    lambda policy: _entry(policy).update(keyless=_keyless(policy), keys={"publicKeys": "x"}),
    lambda policy: _entry(policy).clear(),
    _in_item(imageReferences=[]),
    _in_item(failureAction="enforce"),
    _in_item(type="Notary"),
    _in_item(type="cosign"),
    _in_item(mutateDigest="false"),
    _in_item(mutateDigest=True, failureAction="Audit"),
    _in_item(attestor=[]),
    _in_item(imageReferences="cgr.dev/chainguard/provider-*"),
    _in_item(imageReferences=["cgr.dev/{{ request.namespace }}/*"]),
    _in_item(image="*"),
    _in_resources(kinds=["*"]),
    _in_resources(kinds=["Pods"]),
    _in_resources(kinds=[]),
    _in_resources(kinds=["Pod", ""]),
    _in_resources(name="a", names=["b"]),
    _in_resources(namespaceSelector={"matchLabels": {"team": "not valid!"}}),
    _in_resources(namespaceSelector={"matchExpressions": [{"key": "team", "operator": "in", "values": ["x"]}]}),
    _in_resources(selector={"matchExpressions": [{"key": "team", "operator": "In", "values": []}]}),
    _in_resources(namespace=["x"]),
    _in_resources(operations=["create"]),
    lambda policy: _first_block(policy).update(subjects=[{"kind": "Robot", "name": "x"}]),
    lambda policy: _first_block(policy).update(clusterRoles=["cluster-admin"]),
    lambda policy: _rule(policy).pop("match", None),
    lambda policy: _rule(policy).update(match={}),
    lambda policy: _rule(policy).pop("name", None),
    lambda policy: _rule(policy).update(name="x" * 64),
    lambda policy: _rule(policy).update(name="autogen-x"),
    lambda policy: _rule(policy).update(preconditions={"any": [{"key": "{{ request.operation", "operator": "Equals"}]}),
    lambda policy: _rule(policy).update(
        preconditions={"all": [{"key": "{{ nothing.here }}", "operator": "Equals", "value": "x"}]}
    ),
    lambda policy: _rule(policy).update(preconditions={"al": []}),
    lambda policy: _rule(policy).update(verifyImages=[]),
    lambda policy: _rule(policy).update(mutate={"patchStrategicMerge": {"metadata": {"labels": {"a": "b"}}}}),
    lambda policy: policy["spec"].update(rules=[]),
    _setting(webhookTimeoutSeconds=60),
    _setting(webhookTimeoutSeconds=20, webhookConfiguration={"timeoutSeconds": 20}),
    _setting(failurePolicy="Fail", webhookConfiguration={"failurePolicy": "Ignore"}),
    _setting(failurePolicy="fail"),
    _setting(admission=False),
    _setting(validationFailureAction="block"),
    _setting(validationFailureActionOverrides=[{"action": "Enforce"}]),
    _setting(validationFailureActionOverrides=[{"action": "warn", "namespaces": ["x"]}]),
    _setting(applyRules="Any"),
    _setting(generateExisting=True),
    _setting(background="yes"),
)
