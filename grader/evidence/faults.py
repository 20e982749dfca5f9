"""Tells a fault of network, registry or trust from a denial, by the words of Kyverno and the API server.

Kyverno 1.19.1 blocks a Pod both when an image fails verification and when it could not be
verified (pkg/utils/engine/response.go): only the text tells the two apart. Texts come from Go's
net and net/url, go-containerregistry (pkg/v1/remote/transport/error.go), sigstore's TUF client
and Kyverno's pkg/image/verifiers/cpol/cosign/cosign.go.
"""

from __future__ import annotations

import re
from typing import Literal

Fault = Literal["trust", "registry", "webhook"]

_WEBHOOK = re.compile(r"failed calling webhook|failed to call webhook")
_NOBODY_YET = re.compile(
    r"connect: connection refused|connect: no route to host|no endpoints available for service"
    r"|connection reset by peer|server closed idle connection|\bEOF\b"
)
_TRUST = re.compile(
    r"failed to get roots from fulcio"
    r"|failed to load Rekor public keys: (?!failed to get rekor)"  # the negated: a key written into the policy
    r"|failed to load CTLogs public keys: (?!failed to get transparency)"
    r"|initializing tuf|error getting target|error creating trusted root"
    r"|updating local metadata|TUF remote mirror|\btuf: "
    r"|tls: failed to verify certificate"  # the registry's own certificate, by an authority of the lab
)
_REGISTRY = re.compile(
    r'\b(?:Get|Head|Post|Put|Patch|Delete) \\?"https?://'  # url.Error: the request itself failed
    r"|\b(?:GET|HEAD|POST) https?://\S+: "  # transport.Error: the registry refused
    r"|\bdial (?:tcp|udp)|\b(?:read|write) (?:tcp|udp) |no such host|server misbehaving"
    r"|connection refused|connection reset|network is unreachable|no route to host"
    r"|i/o timeout|TLS handshake timeout|Client\.Timeout|context deadline exceeded|context canceled"
)


def fault(words: str) -> Fault | None:
    """What kept the cluster from telling, or None where `words` are a judgement.

    `x509: certificate signed by unknown authority` alone is a judgement on a signature's
    certificate; on a connection's, Go says `tls: failed to verify certificate` before it.
    """
    if _WEBHOOK.search(words):
        return "webhook"
    if _TRUST.search(words):
        return "trust"
    return "registry" if _REGISTRY.search(words) else None


def coming(words: str) -> bool:
    """Whether nobody is behind a webhook's Service: so it is for moments after a rollout that is done.

    kube-proxy follows the EndpointSlices by watch and writes its rules no more than once a second; and a Pod that goes
    closes the connections that the API server had kept.
    """
    return bool(_WEBHOOK.search(words) and _NOBODY_YET.search(words))
