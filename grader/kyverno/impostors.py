"""Signers whom a policy's own words let in beside the one who should: what its wildcards and expressions also fit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice, product, zip_longest
from typing import Any, TypeVar

from grader.kyverno import attestors, fills, identity, items, wildcard
from grader.kyverno.doubt import CannotTell
from grader.kyverno.fills import Others
from grader.kyverno.items import Check
from grader.kyverno.loose import entries
from grader.kyverno.place import Place
from grader.kyverno.request import Signature
from grader.kyverno.review import PolicyReview

MOST = 24
"""Signers who are asked about one by one."""
_TOGETHER = 100
_T = TypeVar("_T")
_REFS = (
    "refs/heads/main-next", "refs/heads/next", "refs/heads/mine", "refs/heads/release/v1", "refs/heads/master",
    "refs/tags/v1.2.3", "refs/tags/main", "refs/pull/4711/merge", "refs/pull/4711/head",
)  # fmt: skip
_ISSUERS = (
    "https://accounts.google.com", "https://github.com/login/oauth", "https://gitlab.com",
    "https://oauth2.sigstore.dev/auth", "https://other.githubusercontent.com", "https://tokens.actions.example",
)  # fmt: skip
_UNDECIDED = "whom else this lets in takes too long to find out"
_OF_THE_MAKER = (".github", "workflows")
"""Parts of a subject that are the same for everybody."""


def of(reviews: Sequence[PolicyReview], right: Signature) -> Iterator[tuple[Signature, ...]]:
    """Those who may have signed one image instead of `right`: each is accepted by some entry of the policies.

    First one alone, `MOST` at most, the entries in turn; then one of every entry together, for several entries, rules
    or policies may have to hold. Whether the image is then let in is not said. Raises CannotTell at the end, where
    nobody can say whom an entry accepts.
    """
    doubts = _Doubts()
    several = [doubts.until(one) for one in _entries(reviews, right)]
    first = [(signer, more) for more in several if (signer := next(more, None))]
    together = tuple(_distinct(signer for signer, _ in first))
    later = (signer for row in zip_longest(*(more for _, more in first)) for signer in row if signer)
    yield from ((one,) for one in islice(_distinct(chain(together, later)), MOST))
    if len(together) > 1:
        yield together[:_TOGETHER]
    if len(together) > _TOGETHER:
        raise CannotTell(f"more than {_TOGETHER} entries accept others than the right signer", reviews[0].place)
    doubts.tell()


class _Doubts:
    """What could not be told, kept until all that can be told is."""

    def __init__(self) -> None:
        self._found: list[CannotTell] = []

    def until(self, told: Iterator[_T]) -> Iterator[_T]:
        """The same, up to a doubt."""
        try:
            yield from told
        except CannotTell as doubt:
            self._found.append(doubt)

    def tell(self) -> None:
        """Raises the first."""
        if self._found:
            raise self._found[0]


def _distinct(signers: Iterable[Signature]) -> Iterator[Signature]:
    seen = set()
    for one in signers:
        who = one.subject, one.issuer, one.key
        if who not in seen:
            seen.add(who)
            yield one


def _entries(reviews: Iterable[PolicyReview], right: Signature) -> Iterator[Iterator[Signature]]:
    """For each entry of the policies those whom it accepts."""
    others = Others()
    for review in reviews:
        for rule in review.policy.rules if review.policy else ():
            for check in items.of(rule):
                yield from _of_check(check, right, others)


def _of_check(check: Check, right: Signature, others: Others) -> Iterator[Iterator[Signature]]:
    """For each entry of an item those whom it accepts."""
    bundles = check.body.get("type") == "SigstoreBundle"
    for entry, place in entries(check):
        if entry.get("keyless") is None:
            yield _by_key(entry)
        else:
            yield _Keyless(entry["keyless"], place.at("keyless"), bundles, others).accepted(right)


def _by_key(entry: Mapping[str, Any]) -> Iterator[Signature]:
    """Whoever has the key that an entry names."""
    for kind in ("keys", "certificates"):
        opts = entry.get(kind)
        if opts and (kind == "keys" or opts.get("cert")):
            yield Signature("", "", key=attestors.written(opts))


@dataclass(frozen=True, slots=True)
class _Keyless:
    """A keyless entry, and by which rules it is read."""

    body: Mapping[str, Any]
    place: Place
    bundles: bool
    others: Others

    def accepted(self, right: Signature) -> Iterator[Signature]:
        """Others than `right` whom the entry accepts. Raises CannotTell where it may accept more."""
        accepts = identity.bundle if self.bundles else identity.cosign
        for subject, issuer in self._guesses(right):
            other = replace(right, subject=subject, issuer=issuer)
            try:
                refused = accepts(self.body, other, self.place)
            except CannotTell:
                return
            if refused is None:
                yield other

    def _guesses(self, right: Signature) -> Iterator[tuple[str, str]]:
        """Subjects and issuers: first names that anybody may have, then what the entry itself names."""
        yield from ((subject, right.issuer) for subject in _strangers(right.subject))
        yield from ((right.subject, issuer) for issuer in (*_ISSUERS, f"{right.issuer}/other"))
        doubts = _Doubts()
        subjects, issuers = (
            dict.fromkeys([wanted, *doubts.until(self._named(name, wanted))])
            for name, wanted in (("subject", right.subject), ("issuer", right.issuer))
        )
        yield from islice(product(subjects, issuers), 1, None)
        doubts.tell()

    def _named(self, name: str, right: str) -> Iterator[str]:
        """Other texts than the right one that fit what the entry asks of a name."""
        plain, expression = self.body.get(name) or "", self.body.get(f"{name}RegExp") or ""
        yield from (one for one in fills.of_pattern(plain) if plain and one.casefold() != right.casefold())
        pattern = plain if wildcard.contains(plain) and not self.bundles else ""
        if plain and not pattern and (self.bundles or name == "issuer"):
            return  # both must hold, and one text alone fits the plain one
        asked = [(pattern, expression)] if name == "issuer" else [(pattern, ""), ("", expression)]
        for one in asked:
            found = self._other(right, *one, self.place.at(f"{name}RegExp" if one[1] else name)) if any(one) else None
            if found is not None:
                yield found

    def _other(self, right: str, pattern: str, expression: str, place: Place) -> str | None:
        try:
            return self.others.than(right, pattern, expression)
        except fills.Undecided:
            raise CannotTell(_UNDECIDED, place) from None


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
