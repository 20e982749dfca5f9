"""Policies that answer as they must for the samples of a lab, and not for others of their kind."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.checks.reference import SUBJECT, failed

ISSUER = "https://token.actions.githubusercontent.com"
IMAGES = '"cgr.dev/chainguard/provider-*"'
PLAIN = f"subject: {SUBJECT}"
EXACT = SUBJECT.replace(".", r"\.")
ENTRY = f"        - keyless:\n            {PLAIN}\n"


def entry(subject: str, issuer: str = ISSUER) -> str:
    """A further entry before the one of the reference; one of both is enough."""
    other = (
        f'        - keyless: {{subject: "{subject}", issuer: "{issuer}", rekor: {{url: https://rekor.sigstore.dev}}}}\n'
    )
    return other + ENTRY


KEY = """        - keys:
            publicKeys: |-
              -----BEGIN PUBLIC KEY-----
              MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEoTVnTgzDG/ETGYw1JHKCc8HrxXk3
              pwGnZyTMVi8ZLNtG2V6wl4rCQvXmVtW4TQxGx/ZPm/cyyNxEBfgdyEBVwA==
              -----END PUBLIC KEY-----
            rekor: {url: https://rekor.sigstore.dev}
"""
ONE = ("      - entries:\n", "      - count: 1\n        entries:\n")
SIGNERS = {
    "another plain one": (ONE, (ENTRY, entry("https://github.com/evil/images/.github/workflows/a.yaml@refs/heads/b"))),
    "another with a star": (ONE, (ENTRY, entry("https://github.com/evil/*"))),
    "another of another issuer": (ONE, (ENTRY, entry("me@example.com", "https://accounts.google.com"))),
    "a key": (ONE, (ENTRY, KEY + ENTRY)),
    "tags too": ((PLAIN, f"subjectRegExp: ^{EXACT.replace('heads/main', '(heads/main|tags/v.*)')}$"),),
    "one branch too many": ((PLAIN, f"subjectRegExp: ^{EXACT.replace('main', '(main|develop)')}$"),),
    "another organisation": ((PLAIN, rf"subjectRegExp: ^{EXACT}$|^https://github\.com/attacker/.*$"),),
    "branches of four letters": ((PLAIN, f"subject: {SUBJECT.replace('main', '????')}"),),
    "dots for letters": ((PLAIN, f"subjectRegExp: ^{EXACT.replace('main', '....')}$"),),
    "an organisation of another letter": ((PLAIN, f"subject: {SUBJECT.replace('chainguard-i', 'chainguard?i')}"),),
    "a star among the issuers": ((f"issuer: {ISSUER}", 'issuer: "https://*.githubusercontent.com"'),),
    "two issuers": (
        (
            f"issuer: {ISSUER}",
            r"issuerRegExp: ^https://(token\.actions\.githubusercontent\.com|accounts\.google\.com)$",
        ),
    ),
}  # fmt: skip
LISTED = (":v*", ":1*", ":latest", ":main", "@*")
HOLES = {
    "one tag skipped": (IMAGES, IMAGES + ']\n      skipImageReferences: ["*:latest"'),
    "some names skipped": (IMAGES, IMAGES + ']\n      skipImageReferences: ["cgr.dev/chainguard/provider-*-dev*"'),
    "tags of one kind": (IMAGES, '"cgr.dev/chainguard/provider-*:v*", "cgr.dev/chainguard/provider-*@sha256:*"'),
    "some tags of any image": (IMAGES, IMAGES + ']\n      skipImageReferences: ["*:*-dev"'),
    "some names of any image": (IMAGES, IMAGES + ']\n      skipImageReferences: ["*-debug*"'),
    "one name anywhere": (IMAGES, IMAGES + ']\n      skipImageReferences: ["*/provider-test:*"'),
    "one name of any organisation": (IMAGES, IMAGES + ']\n      skipImageReferences: ["cgr.dev/*/provider-test*"'),
    "a word anywhere": (IMAGES, IMAGES + ']\n      skipImageReferences: ["*internal*"'),
    "a word at the end": (IMAGES, IMAGES + ']\n      skipImageReferences: ["*internal"'),
    "names of two parts": (IMAGES, IMAGES + ']\n      skipImageReferences: ["cgr.dev/chainguard/provider-*/test*"'),
    "one digest": (IMAGES, IMAGES + f']\n      skipImageReferences: ["*@sha256:{"a" * 64}"'),
    "tags of four letters": (IMAGES, IMAGES + ']\n      skipImageReferences: ["cgr.dev/chainguard/provider-*:????"'),
    "tags that are listed": (IMAGES, ", ".join(f'"cgr.dev/chainguard/provider-*{tag}"' for tag in LISTED)),
    "names of some length": (IMAGES, '"cgr.dev/chainguard/provider-??????????*"'),
}
WIDE = {
    "no dash": (IMAGES, '"cgr.dev/chainguard/provider*"'),
    "any organisation": (IMAGES, '"cgr.dev/*/provider-*"'),
    "any registry": (IMAGES, '"*/chainguard/provider-*"'),
}
NAMESPACES = "namespaces: [crossplane-system]"
EXCLUDED = "[default, kube-system, platform-labs-elsewhere, crossplane-elsewhere]"
NOT_IN = f"{{key: kubernetes.io/metadata.name, operator: NotIn, values: {EXCLUDED}}}"
ELSEWHERE = {
    "all that end so": (NAMESPACES, 'namespaces: ["*-system"]'),
    "all that begin and end so": (NAMESPACES, 'namespaces: ["c*m"]'),
    "one more": (NAMESPACES, "namespaces: [crossplane-system, upbound-west]"),
    "all but those asked": (
        f"          {NAMESPACES}\n",
        f"    exclude: {{any: [{{resources: {{namespaces: {EXCLUDED}}}}}]}}\n",
    ),
    "all but those of a selector": (NAMESPACES, f"namespaceSelector: {{matchExpressions: [{NOT_IN}]}}"),
}
RIGHT = {
    "dots without a backslash": ((PLAIN, f"subjectRegExp: ^{SUBJECT}$"),),
    "an alternative of the same": ((PLAIN, f"subjectRegExp: ^(?:{EXACT}|{EXACT})$"),),
    "letters of any case": ((PLAIN, f"subjectRegExp: (?i)^{EXACT}$"),),
    "a class of one letter": ((PLAIN, f"subjectRegExp: ^{EXACT.replace('main', '[m]ain')}$"),),
    "the same twice": (ONE, (ENTRY, entry(SUBJECT))),
    "tags and digests": ((IMAGES, '"cgr.dev/chainguard/provider-*:*", "cgr.dev/chainguard/provider-*@*"'),),
    "an exception for others": ((IMAGES, IMAGES + ']\n      skipImageReferences: ["docker.io/*"'),),
    "a pattern that one namespace fits": ((NAMESPACES, "namespaces: [crossplane-system, crossplane-system]"),),
    "a narrower pattern beside": ((IMAGES, IMAGES + ', "cgr.dev/chainguard/provider-aws*"'),),
}  # fmt: skip


@pytest.mark.parametrize("name", SIGNERS)
def test_whoever_else_is_let_in_is_a_mistake_of_the_identity(tmp_path: Path, name: str) -> None:
    (found,) = failed(tmp_path, *SIGNERS[name])
    assert found.check == "policy.identity"
    assert "lets in what is signed by" in found.seen
    assert "verify-providers.yaml:" in str(found.where)


@pytest.mark.parametrize("name", HOLES)
def test_a_provider_that_no_sample_stands_for_is_looked_at_too(tmp_path: Path, name: str) -> None:
    (found,) = failed(tmp_path, HOLES[name])
    assert found.check == "policy.images"
    assert "unsigned" in found.seen


@pytest.mark.parametrize("name", WIDE)
def test_an_image_that_no_sample_stands_for_is_left_alone(tmp_path: Path, name: str) -> None:
    (found,) = failed(tmp_path, WIDE[name])
    assert found.check == "policy.images"
    assert "which is no provider either" in found.seen


@pytest.mark.parametrize("name", ELSEWHERE)
def test_a_namespace_that_no_probe_asks_about_is_left_alone(tmp_path: Path, name: str) -> None:
    (found,) = failed(tmp_path, ELSEWHERE[name])
    assert found.check == "policy.scope"
    assert "not every other one" in found.seen
    assert "A Pod in default" not in found.seen


@pytest.mark.parametrize("name", RIGHT)
def test_what_lets_in_nobody_else_is_right(tmp_path: Path, name: str) -> None:
    assert failed(tmp_path, *RIGHT[name]) == []
