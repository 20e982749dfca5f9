"""Signers whom a policy's own words let in beside the one who should: what its wildcards and expressions also fit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice, product
from typing import Any

from grader.kyverno import attestors, fills, identity, items
from grader.kyverno.doubt import CannotTell
from grader.kyverno.items import Check
from grader.kyverno.loose import entries
from grader.kyverno.request import Signature
from grader.kyverno.review import PolicyReview

MOST = 24
"""Signers of one policy."""
_REFS = (
    "refs/heads/main-next", "refs/heads/next", "refs/heads/mine", "refs/heads/release/v1", "refs/heads/master",
    "refs/tags/v1.2.3", "refs/tags/main", "refs/pull/4711/merge", "refs/pull/4711/head",
)  # fmt: skip
_ISSUERS = (
    "https://accounts.google.com", "https://github.com/login/oauth", "https://gitlab.com",
    "https://oauth2.sigstore.dev/auth", "https://other.githubusercontent.com", "https://tokens.actions.example",
)  # fmt: skip
_OF_THE_MAKER = (".github", "workflows")
"""Parts of a subject that are the same for everybody."""


def of(review: PolicyReview, right: Signature) -> Iterator[Signature]:
    """Signers other than that of `right` whom some entry of the policy accepts, `MOST` at most.

    Whether the policy then lets their images in is not said: another rule or entry may still refuse them.
    """
    checks = [check for rule in review.policy.rules for check in items.of(rule)] if review.policy else []
    return islice((one for check in checks for one in _of_check(check, right)), MOST)


def _of_check(check: Check, right: Signature) -> Iterator[Signature]:
    bundles = check.body.get("type") == "SigstoreBundle"
    accepts = identity.bundle if bundles else identity.cosign
    for entry, place in entries(check):
        keyless = entry.get("keyless")
        if keyless is None:
            yield from _by_key(entry)
            continue
        for other in _guesses(keyless, right):
            try:
                refused = accepts(keyless, other, place.at("keyless"))
            except CannotTell:
                break
            if refused is None:
                yield other


def _by_key(entry: Mapping[str, Any]) -> Iterator[Signature]:
    """Whoever has the key that an entry names."""
    for kind in ("keys", "certificates"):
        opts = entry.get(kind)
        if opts and (kind == "keys" or opts.get("cert")):
            yield Signature("", "", key=attestors.written(opts))


def _guesses(keyless: Mapping[str, Any], right: Signature) -> Iterator[Signature]:
    """First what the entry itself names, then names that anybody may have."""
    subjects, issuers = (_others(_own(keyless, name), getattr(right, name)) for name in ("subject", "issuer"))
    both = islice(product(subjects, issuers), MOST)
    pairs = [
        *((subject, right.issuer) for subject in [*subjects, *_strangers(right.subject)]),
        *((right.subject, issuer) for issuer in [*issuers, *_ISSUERS, f"{right.issuer}/other"]),
        *both,
    ]
    return (replace(right, subject=subject, issuer=issuer) for subject, issuer in dict.fromkeys(pairs))


def _own(keyless: Mapping[str, Any], name: str) -> Iterable[str]:
    plain, expression = keyless.get(name) or "", keyless.get(f"{name}RegExp") or ""
    return [*(fills.of_pattern(plain) if plain else ()), *(fills.of_expression(expression) if expression else ())]


def _others(found: Iterable[str], right: str) -> list[str]:
    """All but the right one, in whatever case: names of organisations and repositories have none."""
    return [one for one in dict.fromkeys(found) if one.casefold() != right.casefold()]


def _strangers(subject: str) -> Iterator[str]:
    """The subject with one part of it somebody else's: host, organisation, repository, workflow, ref."""
    location, _, ref = subject.partition("@")
    parts = location.split("/")
    for index, part in enumerate(parts):
        if not part or part.endswith(":") or part in _OF_THE_MAKER:
            continue
        for other in ("other", f"{part}-other", f"other-{part}"):
            yield "@".join(["/".join([*parts[:index], other, *parts[index + 1 :]]), *([ref] if ref else [])])
    yield from (f"{location}@{other}" for other in _REFS if ref and other != ref)
    yield from (f"https://git.invalid/{subject}", f"{subject}-other", "somebody@example.com")
