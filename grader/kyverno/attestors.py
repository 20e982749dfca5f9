"""Whether an image's signatures satisfy the attestors of a `verifyImages` item.

Source: Kyverno 1.19.1 pkg/engine/internal/imageverifier.go (verifyAttestors, verifyAttestorSet, buildCosignVerifier),
pkg/image/verifiers/cpol/cosign/{verifier,sigstore}.go; cosign v3.1.2 pkg/cosign/verify.go (verifyInternal).
All sets of `attestors` must be satisfied; a set by `count` of its entries, by all of them where no count is given.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from grader.kyverno import identity, items, trust
from grader.kyverno.doubt import CannotTell
from grader.kyverno.identity import Refusal
from grader.kyverno.place import Place
from grader.kyverno.problem import Problem
from grader.kyverno.request import Image, Signature
from grader.kyverno.trust import Known, Trust

UNSIGNED = "no signatures found"
_WRONG_KEY = "error verifying bundle: both public key and certificate were provided but did not match"
_WRONG_SIGNATURE = "invalid signature when validating ASN.1 encoded signature"
_STRANGER = (
    "cert verification failed: x509: certificate signed by unknown authority. Check your TUF root (see cosign"
    " initialize) or set a custom root with env var SIGSTORE_ROOT_FILE"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is verified: an image, by the settings of one item of `verifyImages` at `place`."""

    image: Image
    item: Mapping[str, Any]
    place: Place
    known: Known = field(default=trust.NOTHING)

    @property
    def type(self) -> str:
        """`Cosign`, `SigstoreBundle` or `Notary`."""
        return str(self.item.get("type") or "Cosign")


def refusal(asked: Asked, sets: list[Mapping[str, Any]], place: Place) -> Refusal | None:
    """Why the image is not accepted, or None where every set is satisfied. Raises CannotTell.

    A doubt about one set does not matter where another one refuses for sure.
    """
    doubt: CannotTell | None = None
    for index, one in enumerate(sets):
        try:
            found = _set(asked, one, place.at(index), f".attestors[{index}]")
        except CannotTell as error:
            doubt = doubt or error
            continue
        if found:
            return found
    if doubt:
        raise doubt
    return None


def _set(asked: Asked, one: Mapping[str, Any], place: Place, path: str) -> Refusal | None:
    entries = _expanded(one.get("entries") or [], place.at("entries"))
    required = max(one.get("count") or len(entries), 1)
    satisfied = 0
    refusals: list[Refusal] = []
    doubts: list[CannotTell] = []
    for index, (entry, here) in enumerate(entries):
        try:
            found = _entry(asked, entry, here, f"{path}.entries[{index}]")
        except CannotTell as error:
            doubts.append(error)
            continue
        if found:
            refusals.append(found)
        else:
            satisfied += 1
        if satisfied >= required:
            return None
    if doubts and satisfied + len(doubts) >= required:
        raise doubts[0]
    text = "; ".join(one.text for one in refusals)
    return Refusal(text, refusals[0].place if refusals else place)


def _expanded(entries: list[Mapping[str, Any]], place: Place) -> list[tuple[Mapping[str, Any], Place]]:
    """Several public keys in one entry count as several entries (ExpandStaticKeys)."""
    found = []
    for index, entry in enumerate(entries):
        keys = ((entry.get("keys") or {}).get("publicKeys") or "").count("-----END PUBLIC KEY-----")
        found += [(entry, place.at(index))] * max(keys, 1)
    return found


def _entry(asked: Asked, entry: Mapping[str, Any], place: Place, path: str) -> Refusal | None:
    if entry.get("attestor") is not None:
        nested = items.nested(entry, place.at("attestor"))
        if isinstance(nested, Problem):
            return Refusal(f"failed to unmarshal nested attestor {path}", nested.place)
        return _set(asked, nested, place.at("attestor"), f"{path}.attestor")
    kind = next((name for name in ("keys", "certificates", "keyless") if entry.get(name) is not None), "")
    found = _verify(asked, entry, kind, place)
    if found is None:
        return None
    return Refusal(f"{path}{'.' + kind if kind else ''}: {found.text}", found.place)


def _verify(asked: Asked, entry: Mapping[str, Any], kind: str, place: Place) -> Refusal | None:
    opts = entry.get(kind) or {}
    here = place.at(kind) if kind else place
    for written, where in ((entry, place), (asked.item, asked.place)):
        if written.get("repository"):
            raise CannotTell("what another repository holds for this image is not known", where.at("repository"))
    if asked.type == "Notary" and kind != "certificates":
        raise CannotTell("Kyverno breaks off where type Notary has no certificates", place)
    if asked.type == "Notary":
        return Refusal("no signature is associated with the image in the Notary format", place)
    if asked.type == "SigstoreBundle":
        return _bundles(asked, opts, kind, here)
    algorithm = opts.get("signatureAlgorithm") if kind == "keys" else entry.get("signatureAlgorithm")
    fault = trust.algorithm_fault(algorithm or "", place)
    if fault:
        return fault
    if kind == "keys" or (kind == "certificates" and opts.get("cert")):
        return _by_key(asked.image, opts, here)
    roots = "certChain" if kind == "certificates" else "roots"
    settled = _trust(asked, opts, (opts.get(roots) or "", here.at(roots)), here)
    if isinstance(settled, Refusal):
        return settled
    return _signatures(asked, entry, settled, opts, here)


def _by_key(image: Image, opts: Mapping[str, Any], place: Place) -> Refusal | None:
    """The samples are signed with certificates of a moment: no key of a policy fits them."""
    if any(one.key and one.key == written(opts) for one in image.signatures):
        return None
    if not _legacy(image):
        return Refusal(UNSIGNED, place)
    ignored = trust.ignores_log(opts)
    return Refusal(f"no matching signatures: {_WRONG_SIGNATURE if ignored else _WRONG_KEY}", place)


def written(opts: Mapping[str, Any]) -> str:
    """What an entry writes of a key or certificate, as `Signature.key` has it."""
    return json.dumps(opts, sort_keys=True, default=str)


def _trust(asked: Asked, opts: Mapping[str, Any], roots: tuple[str, Place], place: Place) -> Trust | Refusal:
    """A doubt about what is trusted does not matter for an image without any signature."""
    try:
        return trust.of(opts, roots, place, asked.known)
    except CannotTell:
        if _legacy(asked.image):
            raise
        return Refusal(UNSIGNED, place)


def _legacy(image: Image) -> tuple[Signature, ...]:
    return tuple(one for one in image.signatures if one.legacy and not one.key)


def _signatures(
    asked: Asked, entry: Mapping[str, Any], settled: Trust, opts: Mapping[str, Any], place: Place
) -> Refusal | None:
    """First the signatures that are sound, then one of them with the right identity, then the annotations."""
    held = _legacy(asked.image)
    if not held:
        return Refusal(UNSIGNED, place)
    faults = [_unsound(one, settled, place) for one in held]
    sound = [one for one, fault in zip(held, faults, strict=True) if fault is None]
    if not sound:
        text = "\n ".join(fault.text for fault in faults if fault)
        return Refusal(f"no matching signatures: {text}", next(fault.place for fault in faults if fault))
    wrong = [identity.cosign(opts, one, place) for one in sound]
    if None not in wrong:
        found = [one for one in wrong if one]
        return Refusal("; ".join(one.text for one in found), found[0].place)
    wanted = entry.get("annotations") or asked.item.get("annotations") or {}
    if wanted and not any(all(one.annotations.get(key) == wanted[key] for key in wanted) for one in sound):
        return Refusal("no signature matched the required annotations", place)
    return None


def _unsound(signature: Signature, settled: Trust, place: Place) -> Refusal | None:
    """Why a signature itself does not hold, in cosign's order: log entry, authority, the image it speaks of, time."""
    if settled.strange:
        return settled.strange
    if settled.log and signature.log == "forged":
        return Refusal("error verifying bundle: unable to verify SET", place.at("rekor"))
    if settled.log and signature.log == "no":
        return Refusal("signature not found in transparency log", place.at("rekor"))
    if signature.authority not in settled.authorities:
        return Refusal(_STRANGER, settled.pinned or place)
    if signature.digest != "same":
        return Refusal("invalid or missing digest in claim", place)
    if settled.log and signature.expired:
        return Refusal("checking expiry on certificate with bundle: certificate expired before observed time", place)
    if not settled.log and not signature.current:
        return Refusal("expected a signed timestamp to verify an expired certificate", place.at("rekor", "ignoreTlog"))
    return None


def _bundles(asked: Asked, opts: Mapping[str, Any], kind: str, place: Place) -> Refusal | None:
    """Type SigstoreBundle: the trust root is Kyverno's own; `roots` and keys of logs in the policy are not read."""
    nothing = "sigstore bundle verification failed: no matching signatures found"
    held = [one for one in asked.image.signatures if one.bundle and not one.key]
    if not held and _legacy(asked.image):
        return Refusal(nothing, asked.place.at("type"))
    if kind != "keyless" or not held:
        return Refusal(nothing, place)
    needs_log = not trust.ignores_log(opts) or not (opts.get("ctlog") or {}).get("ignoreSCT")
    settled = Trust(frozenset({"lab"}), needs_log)
    faults = [_unsound(one, settled, place) or identity.bundle(opts, one, place) for one in held]
    if None in faults:
        return None
    return Refusal(nothing, next(fault.place for fault in faults if fault))
