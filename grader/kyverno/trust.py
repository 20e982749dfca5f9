"""What an attestor trusts: which authority's certificates and which log, and whether its settings can be read.

Source: Kyverno 1.19.1 pkg/image/verifiers/cpol/cosign/cosign.go (buildCosignOptions),
pkg/engine/internal/imageverifier.go (buildCosignVerifier).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from grader.kyverno.doubt import CannotTell
from grader.kyverno.identity import Refusal
from grader.kyverno.place import Place

_ALGORITHMS = ("", "sha224", "sha256", "sha384", "sha512")
_PEM = re.compile(r"-----BEGIN ([A-Z ]+)-----\s*([A-Za-z0-9+/=\s]+?)-----END \1-----")
_PLAIN_URL = re.compile(r"(?:https?://)?[A-Za-z0-9._~\[\]-]+(?::[0-9]*)?(?:/[A-Za-z0-9._~/%+:@-]*)?(?:\?\S*)?")


@dataclass(frozen=True, slots=True)
class Known:
    """PEM texts that are known by name: roots of authorities, public keys of transparency and certificate logs."""

    roots: Mapping[str, str] = field(default_factory=dict)
    rekor_keys: Mapping[str, str] = field(default_factory=dict)
    ct_keys: Mapping[str, str] = field(default_factory=dict)


NOTHING = Known()


@dataclass(frozen=True, slots=True)
class Trust:
    """Authorities trusted by name, and whether the log's entry must be there."""

    authorities: frozenset[str]
    log: bool


def of(opts: Mapping[str, Any], roots: tuple[str, Place] | None, place: Place, known: Known) -> Trust | Refusal:
    """The trust of a keyless or certificate attestor. `roots` is its own PEM with its place. Raises CannotTell."""
    authorities = frozenset({"lab"})
    if roots and roots[0]:
        blocks = _blocks(roots[0], "CERTIFICATE")
        if not blocks:
            return Refusal("failed to load Root certificates: error creating root cert pool", roots[1])
        authorities = frozenset(name for name, pem in known.roots.items() if _blocks(pem, "CERTIFICATE") & blocks)
        if not authorities:
            raise CannotTell("whose root certificates these are is not known", roots[1])
    return _logs(opts, place, known) or Trust(authorities, not ignores_log(opts))


def ignores_log(opts: Mapping[str, Any]) -> bool:
    """`rekor.ignoreTlog`."""
    return bool((opts.get("rekor") or {}).get("ignoreTlog"))


def _logs(opts: Mapping[str, Any], place: Place, known: Known) -> Refusal | None:
    rekor, ctlog = opts.get("rekor") or {}, opts.get("ctlog") or {}
    if not rekor.get("ignoreTlog"):
        here = place.at("rekor", "url")
        if rekor.get("url") and not _PLAIN_URL.fullmatch(rekor["url"]):
            raise CannotTell("whether Kyverno can read this address is not known", here)
        fault = _key(rekor.get("pubkey") or "", known.rekor_keys, place.at("rekor", "pubkey"), "Rekor")
        if fault:
            return fault
    if ctlog.get("tsaCertChain"):
        raise CannotTell("time stamps of an authority are not modelled", place.at("ctlog", "tsaCertChain"))
    if ctlog.get("ignoreSCT"):
        return None
    return _key(ctlog.get("pubkey") or "", known.ct_keys, place.at("ctlog", "pubkey"), "CTLogs")


def _key(pem: str, known: Mapping[str, str], place: Place, name: str) -> Refusal | None:
    if not pem:
        return None
    blocks = _blocks(pem, "PUBLIC KEY")
    if not blocks:
        return Refusal(f"failed to load {name} public keys: PEM decoding failed", place)
    if not any(_blocks(one, "PUBLIC KEY") & blocks for one in known.values()):
        raise CannotTell("whose key this is is not known", place)
    return None


def _blocks(pem: str, label: str) -> frozenset[bytes]:
    """The decoded PEM blocks of that label."""
    found = set()
    for kind, body in _PEM.findall(pem):
        if kind == label:
            try:
                found.add(base64.b64decode("".join(body.split()), validate=True))
            except (binascii.Error, ValueError):
                continue
    return frozenset(found)


def algorithm_fault(name: str, place: Place) -> Refusal | None:
    """A signature algorithm that Kyverno does not know."""
    if name in _ALGORITHMS:
        return None
    return Refusal(f"invalid signature algorithm provided {name}", place)
