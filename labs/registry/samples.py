"""Every sample of a lab, as a table: what it is, who signed it, and what is wrong with that.

A row is a way in which a signature can be right or wrong; a policy that admits a wrong one does not
do what the exercise asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count

from labs.registry import keys
from labs.registry.authority import Authority
from labs.registry.leaf import Identity
from labs.registry.signer import Logging, Signer, Trust, Validity, signer

REGISTRY = "cgr.dev"
ORGANISATION = "chainguard"

GITHUB = "https://token.actions.githubusercontent.com"
_REPOSITORY = "https://github.com/chainguard-images/images"
OFFICIAL = Identity(f"{_REPOSITORY}/.github/workflows/release.yaml@refs/heads/main", GITHUB)
"""Who signs the images of `cgr.dev/chainguard` (Chainguard Academy, "Verifying Chainguard Containers")."""

BUILDER = Identity("https://platform-labs.invalid/samples", "https://platform-labs.invalid")
"""Who states the contents of samples whose own signer may not: the lab, under its own name."""


@dataclass(frozen=True)
class Sample:
    """One row. `identity` is None for an unsigned image; `copies` names a sample whose signature it carries.

    `signature` is what the lab publishes about it: `signed`, `unsigned` or the name of the flaw.
    """

    name: str
    signature: str
    identity: Identity | None = OFFICIAL
    provider: bool = True
    trust: Trust = Trust.LAB
    logging: Logging = Logging.LAB
    validity: Validity = Validity.SHORT
    copies: str | None = None

    @property
    def good(self) -> bool:
        """Properly signed by the official pipeline."""
        return self.signature == "signed"


def _flawed(name: str, identity: Identity = OFFICIAL) -> Sample:
    return Sample(name, name, identity)


def _by(path: str, issuer: str = GITHUB) -> Identity:
    return Identity(f"https://github.com/chainguard-images/{path}", issuer)


_FILE = "images/.github/workflows/release.yaml"

SAMPLES: tuple[Sample, ...] = (
    Sample("signed", "signed"),
    Sample("signed-2", "signed"),
    Sample("unsigned", "unsigned", None),
    _flawed("other-repository", _by("images-private/.github/workflows/release.yaml@refs/heads/main")),
    _flawed("other-workflow", _by("images/.github/workflows/build.yaml@refs/heads/main")),
    _flawed("other-branch", _by(f"{_FILE}@refs/heads/main-next")),
    _flawed("pull-request", _by(f"{_FILE}@refs/pull/4711/merge")),
    _flawed("look-alike", Identity(f"https://git.invalid/{OFFICIAL.subject}", GITHUB)),
    _flawed("other-issuer", Identity(OFFICIAL.subject, f"{GITHUB}.invalid")),
    Sample("other-authority", "other-authority", trust=Trust.OTHER),
    Sample("other-digest", "other-digest", copies="signed"),
    Sample("forged-log", "forged-log", logging=Logging.FORGED),
    Sample("no-log", "no-log", logging=Logging.NONE, validity=Validity.LASTING),
    Sample("expired", "expired", validity=Validity.EXPIRED),
    Sample("unrelated-signed", "signed", provider=False),
    Sample("unrelated", "unsigned", None, provider=False),
)


def of(name: str) -> Sample:
    """The sample of that name; KeyError where there is none."""
    return {sample.name: sample for sample in SAMPLES}[name]


@dataclass(frozen=True)
class Place:
    """Where a sample lies in one lab: `repository` without its registry, and `tag`."""

    repository: str
    tag: str

    @property
    def image(self) -> str:
        """The repository with its registry."""
        return f"{REGISTRY}/{self.repository}"


def places(authority: Authority) -> Mapping[str, Place]:
    """The place of each sample, by name: at random, the same for the life of a lab."""
    taken: set[str] = set()
    return {sample.name: _place(authority.seed, sample, taken) for sample in SAMPLES}


def signer_of(authority: Authority, sample: Sample) -> Signer | None:
    """Who signs the sample; None where nobody does. A copied signature is made by the other's signer."""
    row = of(sample.copies) if sample.copies else sample
    if row.identity is None:
        return None
    return signer(authority, row.name, row.identity, trust=row.trust, logging=row.logging, validity=row.validity)


def builder(authority: Authority) -> Signer:
    """Who states the contents of samples that nobody signed."""
    return signer(authority, "builder", BUILDER)


def _place(seed: bytes, sample: Sample, taken: set[str]) -> Place:
    kind = "provider" if sample.provider else "image"
    draws = (keys.derive(seed, f"place/{sample.name}/{attempt}", 16) for attempt in count())
    random, suffix = next((one, _suffix(one)) for one in draws if _suffix(one) not in taken)
    taken.add(suffix)
    return Place(f"{ORGANISATION}/{kind}-{suffix}", f"v{random[8] % 3}.{random[9] % 30}.{random[10] % 20}")


def _suffix(random: bytes) -> str:
    """Four characters that begin with a letter and spell no word."""
    letters = "bcdfghjkmnpqrstvwxz"
    both = letters + "23456789"
    return letters[random[0] % len(letters)] + "".join(both[one % len(both)] for one in random[1:4])
