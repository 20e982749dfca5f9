"""Who and what else gets through: the policy's own words put to the model, beyond the samples of a lab.

A lab has a few samples and a few signers. A wildcard, an alternative or an exception may let in others that none of
them stands for. So the texts that the policy's patterns fit, and names that anybody may have, are asked about too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import accumulate, islice

from grader.checks import samples
from grader.checks.attribution import IDENTITY, IMAGES, SCOPE
from grader.checks.context import Context
from grader.checks.in_force import InForce
from grader.checks.probing import Reading, Seen, predicted_reading
from grader.kyverno import fills, impostors, items, wildcard
from grader.kyverno.doubt import CannotTell
from grader.kyverno.overlap import common
from grader.kyverno.references import parse
from grader.kyverno.request import Image, Probe, Signature
from grader.text import one_line, quoted

_NAMES = ("aws-s3", "x", "family", "kubernetes-of-somebody-with-a-long-name")
_NAMESPACES = (
    "kube-public", "upbound-system", "argocd", "monitoring", "team-a", "production", "other", "c-m", "other-system",
)  # fmt: skip
_LABEL = re.compile(r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?")
"""A name that a namespace may have (RFC 1123)."""
_MEND = "Write the exact subject and issuer; or as an expression: ^, the text with a backslash before each dot, and $."
_TAGS = (":latest", ":1.2.3", ":v1", ":main", ":stable", ":0.9", ":rc-7", ":Q_z", "", f"@{samples.DIGEST}")
_ENDINGS = (":?*", "@sha256:" + "?" * 64)
"""How the name of an image goes on, as patterns."""
_MOST = 40
"""Images of one policy that are asked about."""
_LETTERS = 2000
"""Of the exceptions that are tried, for each takes its length times that of a name."""


def tried(context: Context, found: InForce, readings: Sequence[Reading]) -> list[Reading]:
    """The readings, those replaced whose samples are answered as they must be and others of their kind are not.

    The model has a say only where it knows the sample itself to be answered as the cluster answered it.
    """
    return [_opened(context, found, one) or one for one in readings]


def _opened(context: Context, found: InForce, one: Reading) -> Reading | None:
    if not _speaks(context, one) or not one.fits or not predicted_reading(one.spec, one.question, found).fits:
        return None
    try:
        for question, signer in _questions(context, found, one):
            other = predicted_reading(one.spec, question, found)
            if other.known and not other.fits:
                return replace(other, unlike=_unlike(one, signer, question.image), signer=signer)
    except CannotTell as doubt:
        return replace(one, seen=Seen.UNKNOWN, words=f"{doubt.reason} ({doubt.place})", mend=_MEND)
    return None


def _speaks(context: Context, one: Reading) -> bool:
    """Whether a reading is of a plain Pod, as the first that comes to mind: one of a kind is enough to ask by."""
    plain = (one.spec.kind, one.spec.where, one.spec.reference, one.spec.identity)
    inside = one.spec.namespace == context.parameter("namespace")
    return plain == ("Pod", "container", "tag", "administrator") and (inside or one.spec.check == SCOPE)


def _questions(context: Context, found: InForce, one: Reading) -> Iterator[tuple[Probe, str]]:
    """The same Pod with another image or another signer, and who signed it where that is what differs."""
    images, subject, issuer = (str(context.parameter(name)) for name in ("images", "subject", "issuer"))
    image = one.question.image
    if one.spec.check == SCOPE and one.spec.expect == "untouched":
        yield from ((other, "") for other in _elsewhere(found, one, str(context.parameter("namespace"))))
    elif one.spec.check == IDENTITY and one.spec.sample == "other-workflow":
        for signers in impostors.of(found.reviews, Signature(subject, issuer, bundle=True, current=False)):
            asked = replace(one.question, image=replace(image, signatures=signers))
            yield asked, " and ".join(_named(signature) for signature in signers)
    elif one.spec.expect == "untouched" and one.spec.check == IMAGES:
        yield from ((_with(one, other), "") for other in _beside(found, images))
    elif one.spec.sample == "unsigned":
        yield from ((_with(one, other), "") for other in _providers(found, images))


def _with(one: Reading, reference: str) -> Probe:
    return replace(one.question, image=replace(one.question.image, reference=reference))


def _elsewhere(found: InForce, one: Reading, namespace: str) -> list[Probe]:
    """The same in namespaces that the policy's words fit, and in some that anybody may have."""
    listed = [text for pattern in _namespaces(found) for text in fills.of_pattern(pattern)]
    near = [form.format(namespace) for form in ("{}-other", "other-{}", "{}x", "x{}")]
    names = dict.fromkeys([*listed, *near, *_NAMESPACES])
    return [
        replace(one.question, namespace=name)
        for name in islice((name for name in names if name != namespace and _LABEL.fullmatch(name)), _MOST)
    ]


def _namespaces(found: InForce) -> Iterator[str]:
    """What the policies' rules say of namespaces, by name and by the label that every namespace has."""
    for review in found.reviews:
        for rule in review.policy.rules if review.policy else ():
            for block in rule.blocks("match"):
                yield from block.resources.get("namespaces") or ()
                selector = block.resources.get("namespaceSelector") or {}
                labels = selector.get("matchLabels") or {}
                yield from (str(one) for one in labels.values())
                for term in selector.get("matchExpressions") or ():
                    yield from (str(one) for one in term.get("values") or ())


def _providers(found: InForce, images: str) -> list[str]:
    """Images that `images` means: under other names and tags, and those that an exception of the policy names."""
    plain = [images.replace("*", name) + tag for name in _NAMES for tag in _TAGS]
    excepted = _within(_some(patterns(found, "skipImageReferences")), images)
    return [
        *_asked(excepted, lambda one: wildcard.match(images, one)),
        *_asked(plain, lambda one: wildcard.match(images, one)),
    ]


def _some(found: Iterable[str]) -> Iterator[str]:
    """The first patterns, each once, that have `_LETTERS` together."""
    one_by_one = dict.fromkeys(found)
    lengths = accumulate(map(len, one_by_one))
    return (pattern for pattern, length in zip(one_by_one, lengths, strict=True) if length <= _LETTERS)


def _within(patterns: Iterable[str], images: str) -> Iterator[str]:
    """Images that `images` means and one of `patterns` fits, by tag and by digest."""
    meant = [images.replace("*", name) + ending for name in ("?*", "?*/?*") for ending in _ENDINGS]
    for pattern in patterns:
        yield from filter(None, (common(pattern, one) for one in meant))


def _beside(found: InForce, images: str) -> list[str]:
    """Images that `images` does not mean, and that a pattern of the policy fits."""
    own = [text for pattern in patterns(found, "imageReferences") for text in fills.of_pattern(pattern)]
    return _asked(own, lambda one: not wildcard.match(images, one))


def _asked(found: Iterable[str], wanted: Callable[[str], bool]) -> list[str]:
    """The references that Kyverno can read and that are wanted in full, registry and tag filled in."""
    whole = ((text, reference) for text in dict.fromkeys(found) if (reference := parse(text)))
    return list(islice((text for text, reference in whole if wanted(str(reference))), _MOST))


def patterns(found: InForce, field: str) -> Iterator[str]:
    """All patterns of a field in the policies' items."""
    for review in found.reviews:
        for rule in review.policy.rules if review.policy else ():
            for check in items.of(rule):
                yield from check.references if field == "imageReferences" else check.body.get(field) or ()


def _named(signature: Signature) -> str:
    return f"{signature.subject} (issuer {signature.issuer})" if not signature.key else "the key that the policy names"


def _unlike(one: Reading, signer: str, image: Image) -> str:
    """What is not as it should be beyond the samples."""
    if signer:
        return (
            f"The policy refuses the samples that others signed, and lets in what is signed by {one_line(signer, 300)}."
        )
    if one.spec.check == SCOPE:
        return "The policy leaves the namespaces alone that are asked in the cluster, and not every other one."
    shown = quoted(image.reference)
    if one.spec.expect == "untouched":
        return f"The policy leaves this lab's other images alone, and looks at {shown}, which is no provider either."
    return f"The policy refuses the unsigned samples of this lab, and lets {shown} in unsigned."
