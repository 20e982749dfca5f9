"""The sample images as the oracle knows them: what the registry of a lab holds of each, by its name.

An instructor's course names the proper signer (`subject`, `issuer`); each flawed sample departs
from it in the one way that its name says. `tests` hold this table against the lab's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from grader.course import ProbeSpec
from grader.kyverno.request import Image, Probe, Signature, identity

DIGEST = "sha256:" + "5" * 64
PLACES = {
    "container": "containers",
    "second": "containers",
    "init": "initContainers",
    "ephemeral": "ephemeralContainers",
}
COMPANION = "unrelated-signed"
"""The sample that stands beside the one asked about where a Pod needs a second image."""

_Change = Callable[[Signature], Signature]


def _subject(change: Callable[[str], str]) -> _Change:
    return lambda one: replace(one, subject=change(one.subject))


def _ref(other: str) -> _Change:
    return _subject(lambda subject: f"{subject.rpartition('@')[0]}@{other}")


def _in_path(index: int, change: Callable[[str], str]) -> _Change:
    def changed(subject: str) -> str:
        parts = subject.split("/")
        if -len(parts) <= index < len(parts):
            parts[index] = change(parts[index])
        return "/".join(parts)

    return _subject(changed)


_FLAWS: Mapping[str, _Change] = {
    "signed": lambda one: one,
    "signed-2": lambda one: one,
    COMPANION: lambda one: one,
    "other-repository": _in_path(4, lambda repository: f"{repository}-private"),
    "other-workflow": _subject(lambda subject: subject.replace("release.yaml", "build.yaml")),
    "other-branch": _subject(lambda subject: f"{subject}-next"),
    "pull-request": _ref("refs/pull/4711/merge"),
    "look-alike": _subject(lambda subject: f"https://git.invalid/{subject}"),
    "other-issuer": lambda one: replace(one, issuer=f"{one.issuer}.invalid"),
    "other-authority": lambda one: replace(one, authority="other"),
    "other-digest": lambda one: replace(one, digest="other"),
    "forged-log": lambda one: replace(one, log="forged"),
    "expired": lambda one: replace(one, expired=True),
    "no-log": lambda one: replace(one, log="no", current=True),
}


def signatures(sample: str, subject: str, issuer: str) -> tuple[Signature, ...]:
    """What a registry holds for a sample."""
    change = _FLAWS.get(sample)
    return (change(Signature(subject, issuer, bundle=True, current=False)),) if change else ()


def known(sample: str) -> bool:
    """Whether the table has a sample of that name."""
    return sample in _FLAWS or sample in ("unsigned", "unrelated")


def repository(sample: str, images: str) -> str:
    """A name that a sample may have: a provider's fits the pattern `images`, an unrelated one stands beside it."""
    plain = "".join(letter for letter in sample if letter.isalnum())
    if sample.startswith("unrelated"):
        return f"{images.rpartition('/')[0]}/image-{plain}"
    return images.replace("*", plain)


def probe(spec: ProbeSpec, reference: str | None, images: str, subject: str, issuer: str) -> Probe:
    """A course's probe as the oracle asks it; `reference` is the lab's own image, None where it has none."""
    beside = (_image(COMPANION, "containers", None, "tag", images, subject, issuer),)
    return Probe(
        spec.id,
        _image(spec.sample, PLACES[spec.where], reference, spec.reference, images, subject, issuer),
        spec.namespace,
        spec.kind,
        identity(spec.identity),
        beside=beside if spec.where in ("second", "init") else (),
    )


def _image(sample: str, where: str, reference: str | None, by: str, images: str, subject: str, issuer: str) -> Image:
    name = repository(sample, images)
    made = f"{name}@{DIGEST}" if by == "digest" else f"{name}:v1.2.3"
    return Image(reference or made, where, DIGEST, signatures(sample, subject, issuer))
