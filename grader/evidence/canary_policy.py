"""The canary policy itself, and the two Pods that it is asked about."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from grader.errors import CourseError
from grader.evidence.answers import Said
from grader.evidence.dig import mappings, text
from grader.evidence.lab import LabFacts
from grader.evidence.model import Json
from grader.evidence.probes import ask
from grader.evidence.questions import plain
from grader.kube import Kube, resource

NAME = "platform-labs-canary"
PATH = resource("kyverno.io/v1", "clusterpolicies", name=NAME)
VOUCHES = "platform-labs/vouches-for"
REKOR = "https://rekor.sigstore.dev"

_RULE = re.compile(r"canary-(\d{1,18})")
_SECONDS = 15.0


def policy(lab: LabFacts, parameters: Mapping[str, Any], number: int, vouches: str) -> Json:
    """The canary as it is written; its one rule carries `number`, which only ever grows.

    `parameters` are the exercise's: `images`, `subject`, `issuer`. Nothing is cached, so that
    each answer tells of its own moment. Raises CourseError where a parameter is missing.
    """
    keyless = {
        "subject": _parameter(parameters, "subject"),
        "issuer": _parameter(parameters, "issuer"),
        "rekor": {"url": REKOR},
    }
    verify = {
        "imageReferences": [_parameter(parameters, "images")],
        "failureAction": "Enforce",
        "useCache": False,
        "attestors": [{"entries": [{"keyless": keyless}]}],
    }
    match = {"any": [{"resources": {"kinds": ["Pod"], "namespaces": [lab.canary_namespace]}}]}
    annotations = {VOUCHES: vouches, "pod-policies.kyverno.io/autogen-controllers": "none"}
    return {
        "apiVersion": "kyverno.io/v1",
        "kind": "ClusterPolicy",
        "metadata": {
            "name": NAME,
            "labels": {"app.kubernetes.io/part-of": "platform-labs"},
            "annotations": annotations,
        },
        "spec": {
            "background": False,
            "rules": [{"name": f"canary-{number}", "match": match, "verifyImages": [verify]}],
        },
    }


def number_of(rule: str) -> int:
    """The number in a rule's name; 0 where it has none."""
    found = _RULE.fullmatch(rule)
    return int(found[1]) if found else 0


def live_number(live: Json) -> int:
    """The number in the rule of the canary that is in the cluster."""
    return max((number_of(text(rule, "name")) for rule in mappings(live, "spec", "rules")), default=0)


def marker(kube: Kube, lab: LabFacts, sample: str) -> Said:
    """What becomes of a Pod with that sample in the canary's namespace."""
    found = lab.samples[sample]
    return ask(kube, plain(lab.canary_namespace, found.reference("tag"), found.image), _SECONDS)


def _parameter(parameters: Mapping[str, Any], name: str) -> str:
    found = parameters.get(name)
    if not isinstance(found, str) or not found:
        raise CourseError(f"the exercise lacks the parameter {name}", advice="Add it to exercise.yaml.")
    return found
