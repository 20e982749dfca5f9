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
from typing import Any, NamedTuple

from grader.kyverno.doubt import CannotTell
from grader.kyverno.identity import Refusal
from grader.kyverno.place import Place

_ALGORITHMS = ("", "sha224", "sha256", "sha384", "sha512")
_PEM = re.compile(
    r"^-----BEGIN ([A-Z ]+)-----[ \t]*\r?\n([A-Za-z0-9+/=\s]*?)(?<=\n)-----END \1-----[ \t]*\r?$", re.MULTILINE
)
"""A block as Go's encoding/pem finds it: BEGIN and END stand on lines of their own."""
_PLAIN_URL = re.compile(r"(?:https?://)?[A-Za-z0-9._~\[\]-]+(?::[0-9]*)?(?:/[A-Za-z0-9._~/%+:@-]*)?(?:\?\S*)?")


@dataclass(frozen=True, slots=True)
class Known:
    """PEM texts that are known by name: roots of authorities, public keys of transparency and certificate logs.

    `complete`: whatever is not named here is another authority's or another log's.
    """

    roots: Mapping[str, str] = field(default_factory=dict)
    rekor_keys: Mapping[str, str] = field(default_factory=dict)
    ct_keys: Mapping[str, str] = field(default_factory=dict)
    complete: bool = False


NOTHING = Known()


@dataclass(frozen=True, slots=True)
class Trust:
    """Authorities trusted by name, and whether the log's entry must be there.

    `strange` refuses every signature: the policy's key of a log is another log's than that of the samples.
    `pinned` is where the policy writes whom it trusts; None where it leaves that to Kyverno.
    """

    authorities: frozenset[str]
    log: bool
    strange: Refusal | None = None
    pinned: Place | None = None


def of(opts: Mapping[str, Any], roots: tuple[str, Place] | None, place: Place, known: Known) -> Trust | Refusal:
    """The trust of a keyless or certificate attestor. `roots` is its own PEM with its place. Raises CannotTell."""
    authorities = frozenset({"lab"})
    if roots and roots[0]:
        blocks = certificates(roots[0])
        if not blocks:
            return Refusal("failed to load Root certificates: error creating root cert pool", roots[1])
        authorities = _authorities(blocks, roots[1], known)
    fatal, strange = _logs(opts, place, known)
    pinned = roots[1] if roots and roots[0] else None
    return fatal or Trust(authorities, not ignores_log(opts), strange, pinned)


def _authorities(pinned: frozenset[bytes], place: Place, known: Known) -> frozenset[str]:
    """Whose certificates these are. Raises CannotTell where one of them is not known."""
    named = {name: certificates(pem) & pinned for name, pem in known.roots.items()}
    ours = frozenset(name for name, found in named.items() if found)
    if pinned <= frozenset().union(*named.values()):
        return ours
    if known.complete:
        return ours | {"other"}
    raise CannotTell("whose root certificates these are is not known", place)


def ignores_log(opts: Mapping[str, Any]) -> bool:
    """`rekor.ignoreTlog`."""
    return bool((opts.get("rekor") or {}).get("ignoreTlog"))


class _Log(NamedTuple):
    """Kyverno's words where the policy's key of a log cannot be read, and where it is another log's."""

    unreadable: str
    foreign: str


_REKOR = _Log(
    "failed to load Rekor public keys: failed to get rekor public keys: PEM decoding failed",
    "error verifying bundle: verifying bundle: rekor log public key not found for payload",
)
_CTLOG = _Log(
    "failed to load CTLogs public keys: failed to get transparency log public keys: PEM decoding failed",
    "ctfe public key not found for payload",
)


def _logs(opts: Mapping[str, Any], place: Place, known: Known) -> tuple[Refusal | None, Refusal | None]:
    """What refuses every image, and what refuses every signature. Raises CannotTell."""
    rekor, ctlog = opts.get("rekor") or {}, opts.get("ctlog") or {}
    found = []
    if not rekor.get("ignoreTlog"):
        here = place.at("rekor", "url")
        if rekor.get("url") and not _PLAIN_URL.fullmatch(rekor["url"]):
            raise CannotTell("whether Kyverno can read this address is not known", here)
        found.append(_key(rekor.get("pubkey") or "", place.at("rekor", "pubkey"), _REKOR, known.rekor_keys, known))
    if ctlog.get("tsaCertChain"):
        raise CannotTell("time stamps of an authority are not modelled", place.at("ctlog", "tsaCertChain"))
    if not ctlog.get("ignoreSCT"):
        found.append(_key(ctlog.get("pubkey") or "", place.at("ctlog", "pubkey"), _CTLOG, known.ct_keys, known))
    refusals = [one for one in found if one]
    unreadable = (_REKOR.unreadable, _CTLOG.unreadable)
    return (
        next((one for one in refusals if one.text in unreadable), None),
        next((one for one in refusals if one.text not in unreadable), None),
    )


def _key(pem: str, place: Place, log: _Log, named: Mapping[str, str], known: Known) -> Refusal | None:
    """Why the policy's key of a log does not serve. Raises CannotTell."""
    if not pem:
        return None
    key = public_key(pem)
    if key is None:
        return Refusal(log.unreadable, place)
    names = {name for name, one in named.items() if public_key(one) == key}
    if not names and not known.complete:
        raise CannotTell("whose key this is is not known", place)
    return None if "lab" in names else Refusal(log.foreign, place)


def certificates(pem: str) -> frozenset[bytes]:
    """The DER of each certificate in a PEM text; what stands between them does not matter (AppendCertsFromPEM)."""
    return frozenset(der for kind, body in _PEM.findall(pem) if kind == "CERTIFICATE" and (der := _decoded(body)))


def public_key(pem: str) -> bytes | None:
    """The DER of the public key that a PEM text begins with: of several blocks only the first is read (sigstore
    pkg/cryptoutils UnmarshalPEMToPublicKey)."""
    kind, body = next(iter(_PEM.findall(pem)), ("", ""))
    return _decoded(body) if kind == "PUBLIC KEY" else None


def _decoded(body: str) -> bytes | None:
    try:
        return base64.b64decode("".join(body.split()), validate=True) or None
    except (binascii.Error, ValueError):
        return None


def algorithm_fault(name: str, place: Place) -> Refusal | None:
    """A signature algorithm that Kyverno does not know."""
    if name in _ALGORITHMS:
        return None
    return Refusal(f"invalid signature algorithm provided {name}", place)
