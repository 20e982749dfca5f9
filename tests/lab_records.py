"""A lab's facts and what a real cluster (Kubernetes 1.35.4, Kyverno 1.19.1) answered, for tests."""

from __future__ import annotations

import json
from typing import Any

from grader.evidence.lab import LabFacts, read
from grader.evidence.model import Cluster

SUBJECT = "https://github.com/chainguard-images/images/.github/workflows/release.yaml@refs/heads/main"
PARAMETERS = {
    "images": "cgr.dev/chainguard/provider-*",
    "subject": SUBJECT,
    "issuer": "https://token.actions.githubusercontent.com",
}
FACTS: dict[str, Any] = {
    "schema": "platform-labs/lab/v1",
    "name": "default",
    "backend": "kind",
    "registry": "cgr.dev",
    "remote": "git://git.platform-labs.svc.cluster.local/platform.git",
    "application": {"namespace": "argocd", "name": "platform"},
    "canary": {"namespace": "platform-labs-canary"},
    "samples": {
        name: {
            "image": f"cgr.dev/chainguard/{image}",
            "tag": "v1.2.3",
            "digest": "sha256:" + mark * 64,
            "signature": name,
        }
        for name, image, mark in (
            ("signed", "provider-d7f2", "a"),
            ("unsigned", "provider-x4dc", "b"),
            ("other-workflow", "provider-mfnj", "c"),
            ("unrelated", "image-dbcb", "d"),
        )
    },
}

NO_SIGNATURE = ".attestors[0].entries[0].keyless: no signatures found"
MISMATCH = (
    f".attestors[0].entries[0].keyless: subject mismatch: expected {SUBJECT}, received "
    "https://github.com/chainguard-images/images/.github/workflows/build.yaml@refs/heads/main"
)
OTHER_AUTHORITY = (
    ".attestors[0].entries[0].keyless: no matching signatures: cert verification failed: x509: certificate signed "
    "by unknown authority. Check your TUF root (see cosign initialize) or set a custom root with env var SIGSTORE_ROOT"
)
OTHER_DIGEST = (
    ".attestors[0].entries[0].keyless: no matching signatures: invalid or missing digest in claim: sha256:7e240695cccd"
)
FORGED_LOG = ".attestors[0].entries[0].keyless: no matching signatures: error verifying bundle: unable to verify SET"
EXPIRED = (
    ".attestors[0].entries[0].keyless: no matching signatures: checking expiry on certificate with bundle: certificate "
    "expired before observed time: 2026-11-23T07:39:17Z is before 2026-11-23T09:29:17Z"
)
JUDGEMENTS = (
    NO_SIGNATURE,
    MISMATCH,
    OTHER_AUTHORITY,
    OTHER_DIGEST,
    FORGED_LOG,
    EXPIRED,
    "unverified image cgr.dev/a/b@sha256:7e",
)

NO_HOST = (
    '.attestors[0].entries[0].keyless: Get "https://cgr.dev/v2/": dial tcp: lookup cgr.dev on 10.0.0.1: no such host'
)
NO_REGISTRY_TRUST = (
    '.attestors[0].entries[0].keyless: Get "https://cgr.dev/v2/": tls: failed to verify certificate: x509: certificate '
    "signed by unknown authority"
)
NO_SAMPLE = (
    ".attestors[0].entries[0].keyless: image tag not found: GET https://cgr.dev/v2/chainguard/missing/manifests/1: "
    "MANIFEST_UNKNOWN: manifest unknown; unknown tag=1"
)
NO_REKOR = (
    ".attestors[0].entries[0].keyless: no matching signatures: searching log query: Post "
    '"https://rekor.sigstore.dev/api/v1/log/entries/retrieve": giving up after 4 attempt(s): Post '
    '"https://rekor.sigstore.dev/api/v1/log/entries/retrieve": dial tcp: lookup rekor.sigstore.dev: no such host'
)
RESET = (
    '.attestors[0].entries[0].keyless: Get "https://cgr.dev/v2/": read tcp 10.244.0.16:50860->10.96.136.31:443: read: '
    "connection reset by peer"
)
REGISTRY_FAULTS = (NO_HOST, NO_SAMPLE, NO_REKOR, RESET)

TIMED_OUT = (
    'Internal error occurred: failed calling webhook "mutate.kyverno.svc-fail": failed to call webhook: Post '
    '"https://kyverno-svc.kyverno.svc:443/mutate/fail?timeout=10s": context deadline exceeded'
)
NO_ADDRESS = (
    'Internal error occurred: failed calling webhook "mutate.kyverno.svc-fail": failed to call webhook: Post '
    '"https://kyverno-svc.kyverno.svc:443/mutate/fail?timeout=10s": dial tcp 10.96.93.27:443: '
    "connect: connection refused"
)
QUOTA = 'pods "a" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1'
OTHER_WEBHOOK = 'admission webhook "door.example.org" denied the request: a:\n  b: c'


def blocked(denials: dict[str, dict[str, str]], webhook: str = "mutate.kyverno.svc-fail") -> str:
    """Kyverno's words for a blocked Pod."""
    listed = "".join(
        f"{policy}:\n" + "".join(f"  {rule}: {_scalar(reason)}\n" for rule, reason in rules.items())
        for policy, rules in denials.items()
    )
    return (
        f'admission webhook "{webhook}" denied the request: \n\n'
        f"resource Pod/crossplane-system/a was blocked due to the following policies \n\n{listed}"
    )


def _scalar(text: str) -> str:
    quoted = text.replace("'", "''")
    return f"'{quoted}'"


def scoped(policies: dict[str, dict[str, dict[str, str]]]) -> dict[str, str]:
    """The annotation in which Kyverno 1.19 says what it looked at."""
    return {"kyverno.io/verify-images-scoped": json.dumps({"version": 1, "policies": policies})}


def config_map(**changes: Any) -> dict[str, Any]:
    """The ConfigMap that publishes the facts."""
    metadata = {"name": "platform-labs", "namespace": "platform-labs"}
    return {"metadata": metadata, "data": {"lab.json": json.dumps({**FACTS, **changes})}}


def lab() -> LabFacts:
    """The facts, read."""
    found = read(Cluster("s", "v", "u", objects={"ConfigMap": (config_map(),)}))
    assert found is not None
    return found
