"""What Kyverno's policy webhook says of users, roles and excludes in a match."""

from __future__ import annotations

import pytest

from tests.unit.kyverno.policies import changed, review

NAMESPACES = "          namespaces: [crossplane-system]\n"
VERIFY = "    verifyImages:\n"


def test_users_are_allowed_without_background() -> None:
    text = changed(
        ("  rules:", "  background: false\n  rules:"),
        (VERIFY, f"    exclude: {{any: [{{clusterRoles: [a]}}]}}\n{VERIFY}"),
    )
    assert review(text).accepted


@pytest.mark.parametrize(
    ("subject", "reason"),
    [
        ("{kind: Robot, name: a}", "kind must be 'User', 'Group', or 'ServiceAccount'"),
        ("{kind: ServiceAccount, name: a}", "namespace is required when Kind is ServiceAccount"),
        ("{kind: User, name: ''}", "name: Required value"),
    ],
)
def test_subjects_are_checked(subject: str, reason: str) -> None:
    text = changed(
        ("  rules:", "  background: false\n  rules:"),
        (VERIFY, f"    exclude: {{any: [{{subjects: [{subject}]}}]}}\n{VERIFY}"),
    )
    assert reason in review(text).reason


def test_roles_need_a_namespace() -> None:
    text = changed(
        ("  rules:", "  background: false\n  rules:"), (VERIFY, f"    exclude: {{any: [{{roles: [a]}}]}}\n{VERIFY}")
    )
    assert "namespace:name format" in review(text).reason


def test_a_policy_of_a_namespace_has_no_namespaces() -> None:
    text = changed(("kind: ClusterPolicy", "kind: Policy"))
    assert "Filtering namespaces not allowed" in review(text).reason
    assert review(changed((NAMESPACES, ""), text=text)).accepted


def test_old_style_match_with_a_listed_exclude_is_refused() -> None:
    text = changed(
        ("      any:\n      - resources:\n          kinds: [Pod]\n" + NAMESPACES, "      resources: {kinds: [Pod]}\n"),
        (VERIFY, f"    exclude: {{any: [{{resources: {{namespaces: [a]}}}}]}}\n{VERIFY}"),
    )
    assert "Rule is matching an empty set" in review(text).reason


@pytest.mark.parametrize(
    ("exclude", "refused"),
    [
        ("{resources: {kinds: [Pod]}}", True),
        ("{resources: {namespaces: [crossplane-system]}}", True),
        ("{resources: {namespaces: [default]}}", False),
        ("{resources: {kinds: [Pod], namespaces: [default]}}", False),
        ("{resources: {}}", False),
        ("{resources: {names: [a]}}", False),
    ],
)
def test_old_style_excludes(exclude: str, refused: bool) -> None:
    text = changed(
        (
            "      any:\n      - resources:\n          kinds: [Pod]\n" + NAMESPACES,
            "      resources: {kinds: [Pod], namespaces: [crossplane-system]}\n",
        ),
        (VERIFY, f"    exclude: {exclude}\n{VERIFY}"),
    )
    assert ("empty set" in review(text).reason) is refused
