"""The four effects of an admission policy: which requests show each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from grader.course import ProbeSpec


@dataclass(frozen=True, slots=True)
class Effect:
    """One effect; `short` is its title where there is little room.

    `asked` are the requests that show it, the plainest first; `webhooks`: who is asked is shown too.
    """

    number: int
    title: str
    short: str
    explanation: str
    asked: tuple[Mapping[str, Any], ...]
    webhooks: bool = False

    def probes(self, namespace: str) -> tuple[ProbeSpec, ...]:
        """The requests, in a namespace where the request names none."""
        return tuple(_probe(f"effect-{self.number}-{index}", one, namespace) for index, one in enumerate(self.asked))


def _probe(identifier: str, asked: Mapping[str, Any], namespace: str) -> ProbeSpec:
    given = {"check": "shown", "expect": "touched", "namespace": namespace}
    return ProbeSpec.model_validate({"id": identifier, **given, **asked})


EFFECTS = (
    Effect(
        1,
        "Every Pod creation is intercepted",
        "Every Pod is looked at",
        "Whoever creates a Pod, and however: the API server asks Kyverno first. The same unsigned image is tried in "
        "each way, as a dry run: it goes all the way through admission, and nothing is stored.",
        (
            {"sample": "unsigned"},
            {"sample": "unsigned", "where": "init"},
            {"sample": "unsigned", "where": "second"},
            {"sample": "unsigned", "where": "ephemeral"},
            {"sample": "unsigned", "kind": "Deployment"},
            {"sample": "unsigned", "kind": "Deployment", "identity": "crossplane"},
            {"sample": "unsigned", "namespace": "default"},
        ),
        webhooks=True,
    ),
    Effect(
        2,
        "An image from cgr.dev/chainguard has its signature verified",
        "The signature is verified",
        "This image has a good signature. It is let in, and its tag becomes the digest that was verified, so nobody "
        "can move the tag afterwards. An image that the rule does not mean stays as it was written.",
        (
            {"sample": "signed"},
            {"sample": "signed", "reference": "digest"},
            {"sample": "signed-2"},
            {"sample": "unrelated-signed"},
            {"sample": "unrelated"},
        ),
    ),
    Effect(
        3,
        "The signer must be the official release pipeline",
        "By the right signer",
        "These images are signed too, but not by whom the policy names: another workflow, another repository, "
        "another branch, a pull request, or with another issuer. The answer says who was expected and who came.",
        tuple(
            {"sample": name}
            for name in (
                "other-workflow", "other-repository", "other-branch", "pull-request", "look-alike", "other-issuer",
                "other-authority",
            )
        ),
    ),
    Effect(
        4,
        "An invalid or missing signature is rejected",
        "Bad or none: refused",
        "No signature, the signature of another image, a log entry that is forged or missing, a certificate that had "
        "ended: none of them proves anything. The answer names the webhook, the policy, the rule and the reason.",
        tuple({"sample": name} for name in ("unsigned", "other-digest", "forged-log", "no-log", "expired")),
    ),
)  # fmt: skip
