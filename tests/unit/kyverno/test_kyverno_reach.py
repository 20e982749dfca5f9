"""A rule verifies images only of what its own kinds bring to Kyverno, whatever other rules name."""

from __future__ import annotations

from tests.unit.kyverno.policies import GOOD, answers, changed, probe, signed

VALIDATE = """\
  - name: registry
    match:
      any:
      - resources:
          kinds: [Deployment]
          namespaces: [crossplane-system]
    validate:
      failureAction: Enforce
      message: Use our registry.
      pattern: {spec: {template: {spec: {containers: [{image: "cgr.dev/*"}]}}}}
"""
SUBRESOURCES = changed(("kinds: [Pod]", "kinds: [Deployment/*]"))


def test_a_rule_over_subresources_alone_is_never_asked() -> None:
    assert answers(SUBRESOURCES, probe(kind="Deployment")) == "admitted"


def test_another_rules_kinds_do_not_bring_it_along() -> None:
    assert answers(SUBRESOURCES + VALIDATE, probe(kind="Deployment")) == "admitted"


def test_the_other_rule_is_asked_all_the_same() -> None:
    assert answers(SUBRESOURCES + VALIDATE, probe("docker.io/nginx:1", kind="Deployment")) == "denied"


def test_a_second_rule_that_verifies_brings_the_whole_policy() -> None:
    """The engine's own view of `Deployment/*` takes in the Deployment itself (pkg/utils/match/kind.go)."""
    second = GOOD[GOOD.index("  - name: signed") :].replace("name: signed", "name: second")
    second = second.replace("kinds: [Pod]", "kinds: [Deployment]").replace("provider-*", "other-*")
    assert answers(SUBRESOURCES + second, probe(kind="Deployment")) == "denied"
    assert answers(SUBRESOURCES + second, signed(kind="Deployment")) == "admitted"
