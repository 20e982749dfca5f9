"""Generated attestor sets: who must have signed."""

from __future__ import annotations

import re
from typing import Any

from labs.registry.samples import GITHUB, OFFICIAL, of
from tests.differential.draw import Draw

REKOR = "https://rekor.sigstore.dev"
KEY = """\
-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEUvUCn33WAV2L0ZVJqjg8HbjJys/2
RJpKShbfyjsG7c+ZmSk2+Gi6/KzY0l6DCh5lnsTPTVnV33NHvGCdhP5ykQ==
-----END PUBLIC KEY-----
"""
"""A public key whose private half was thrown away."""

OTHERS = ("other-repository", "other-workflow", "other-branch", "pull-request", "look-alike")
_SUBJECTS = [OFFICIAL.subject] + [found.subject for name in OTHERS if (found := of(name).identity)]
_SUBJECT_WILDCARDS = (
    "*", "https://github.com/chainguard-images/*", "https://github.com/*", "*@refs/heads/main", "?ttps://github.com/*",
    "https://github.com/chainguard-images/images/.github/workflows/*@refs/heads/*", "*/release.yaml@*",
    "*.yaml@refs/heads/main?*",
    "https://github.com/chainguard-images/images/.github/workflows/release.yaml@refs/heads/????", "git*",
)  # fmt: skip
_SUBJECT_EXPRESSIONS = (
    f"^{re.escape(OFFICIAL.subject)}$", "github.com/chainguard-images", r"release\.yaml@refs/heads/main$", ".*", "",
    r"^https://github\.com/chainguard-images/[^/]+/", r"(?i)RELEASE\.YAML", r"@refs/(heads|pull)/", r"\Ahttps://git\.",
    r"^https://github.com/chainguard-images/images/.+@refs/heads/main\z", r"^release", r"refs/pull/\d+/merge", "^$",
    r"^https://github.com/[[:alpha:]-]+/images/", r"main$|merge$", "(", r"(?=https)", r"^\S+$", "a{1001}",
)  # fmt: skip
_ISSUERS = (GITHUB, f"{GITHUB}.invalid")
_ISSUER_WILDCARDS = (
    "*",
    "https://token.actions.*",
    "*.githubusercontent.com",
    "https://*.com*",
    "https://token.actions.githubusercontent.co?",
)
_ISSUER_EXPRESSIONS = (
    f"^{re.escape(GITHUB)}$", "githubusercontent", r"\.com$", ".*", r"^https://[a-z.]+$", "^http://", "[", r"invalid$",
    r"\.githubusercontent\.com(\.invalid)?$",
)  # fmt: skip
_WRONG = ("https://github.com/login/oauth", f"{GITHUB}/", OFFICIAL.subject.replace(".yaml", ".yml"), "")


def attestors(draw: Draw) -> list[dict[str, Any]]:
    """One or more attestor sets."""
    count = draw.one(2, 2, 3) if draw.takes("attestors.sets") else 1
    return [_set(draw) for _ in range(count)]


def _set(draw: Draw, depth: int = 0) -> dict[str, Any]:
    several = draw.takes("attestors.entries") or "attestors.count" in draw.forced
    entries = [_entry(draw, depth) for _ in range(draw.one(2, 2, 3) if several else 1)]
    found: dict[str, Any] = {"entries": entries}
    if draw.takes("attestors.count"):
        found["count"] = draw.random.randint(1, len(entries))
    return found


def _entry(draw: Draw, depth: int) -> dict[str, Any]:
    if depth < 2 and draw.takes("attestors.nested"):
        return {"attestor": _set(draw, 2)}
    if draw.takes("attestors.key"):
        return {"keys": {"publicKeys": KEY * draw.mostly(1, 2, chance=0.8), **_offline(draw)}}
    return {"keyless": keyless(draw)}


def _offline(draw: Draw) -> dict[str, Any]:
    return draw.one({}, {"rekor": {"url": REKOR}}, {"signatureAlgorithm": "sha512"})


def keyless(draw: Draw) -> dict[str, Any]:
    """One keyless attestor."""
    found = {**_subject(draw), **_issuer(draw), "rekor": {"url": REKOR}}
    if draw.takes("attestors.trust"):
        found.update(draw.one(
            {"rekor": {"url": REKOR, "ignoreTlog": True}}, {"ctlog": {"ignoreSCT": True}},
            {"rekor": {"url": REKOR, "ignoreTlog": True}, "ctlog": {"ignoreSCT": True}},
            {"additionalExtensions": {"1.3.6.1.4.1.57264.1.1": draw.one(GITHUB, "https://other.invalid", "*")}},
            {"additionalExtensions": {"oidcIssuer": draw.one(GITHUB, "https://*")}},
            {"additionalExtensions": {"nonsense": "*"}},
        ))  # fmt: skip
    return found


def _subject(draw: Draw) -> dict[str, str]:
    form = draw.first("subject.plain", "subject.wildcard", "subject.expression", "subject.both", "subject.none")
    plain = draw.mostly(OFFICIAL.subject, *_SUBJECTS, *_WRONG)
    expression = draw.one(*_SUBJECT_EXPRESSIONS[:4], *_SUBJECT_EXPRESSIONS)
    return {
        "subject.plain": {"subject": plain},
        "subject.wildcard": {"subject": draw.one(*_SUBJECT_WILDCARDS)},
        "subject.expression": {"subjectRegExp": expression},
        "subject.both": {"subject": draw.one(plain, *_SUBJECT_WILDCARDS), "subjectRegExp": expression},
        "subject.none": {},
    }[form]


def _issuer(draw: Draw) -> dict[str, str]:
    form = draw.first("issuer.plain", "issuer.wildcard", "issuer.expression", "issuer.both", "issuer.none")
    plain = draw.mostly(GITHUB, *_ISSUERS, *_WRONG[:2], chance=0.8)
    expression = draw.one(*_ISSUER_EXPRESSIONS[:4], *_ISSUER_EXPRESSIONS)
    return {
        "issuer.plain": {"issuer": plain},
        "issuer.wildcard": {"issuer": draw.one(*_ISSUER_WILDCARDS)},
        "issuer.expression": {"issuerRegExp": expression},
        "issuer.both": {"issuer": draw.one(plain, *_ISSUER_WILDCARDS), "issuerRegExp": expression},
        "issuer.none": {},
    }[form]
