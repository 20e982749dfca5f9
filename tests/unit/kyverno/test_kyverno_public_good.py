"""The public good instance of Sigstore, pinned by a policy in every spelling that Kyverno reads."""

from __future__ import annotations

import json
import textwrap
from importlib.resources import files

import pytest

from grader.kyverno import oracle
from grader.kyverno.public_good import (
    CTFE,
    FULCIO_INTERMEDIATE,
    FULCIO_RETIRED,
    FULCIO_ROOT,
    REKOR,
    WORLD,
    holds,
)
from grader.kyverno.request import Signature
from grader.kyverno.trust import certificates, public_key
from tests.unit.kyverno.policies import ISSUER, SUBJECT, TAGGED, changed, probe, reviews, signed
from tests.unit.kyverno.policies import REKOR as LOG

OWN = FULCIO_ROOT.replace("MIIB9zCCAXyg", "MIIB9zCCAXyh")
OTHER_KEY = REKOR.replace("E2G2Y", "E2G2Z")


def pinned(roots: str = "", rekor: str = "", ctlog: str = "") -> str:
    """The policy with PEM texts as block scalars."""
    rows = LOG
    rows += f"              pubkey: |\n{textwrap.indent(rekor, ' ' * 16)}" if rekor else ""
    rows += f"            ctlog:\n              pubkey: |\n{textwrap.indent(ctlog, ' ' * 16)}" if ctlog else ""
    rows += f"            roots: |\n{textwrap.indent(roots, ' ' * 14)}" if roots else ""
    return changed((LOG, rows))


def in_the_world(text: str, signature: Signature | None = None) -> str:
    asked = probe(TAGGED, [signature]) if signature else signed()
    return oracle.answer(reviews(text), asked, WORLD).answer.value


def test_the_texts_are_those_of_the_trusted_root() -> None:
    """sigstore's own copy of the public good's trusted root names the same material as valid today."""
    store = files("sigstore._store").joinpath("https%3A%2F%2Ftuf-repo-cdn.sigstore.dev", "trusted_root.json")
    root = json.loads(store.read_text())

    def pem(raw: str, label: str) -> str:
        return f"-----BEGIN {label}-----\n{raw}\n-----END {label}-----\n"

    chains = [authority["certChain"]["certificates"] for authority in root["certificateAuthorities"]]
    held = [certificates("".join(pem(one["rawBytes"], "CERTIFICATE") for one in chain)) for chain in chains]
    assert held == [certificates(FULCIO_RETIRED), certificates(FULCIO_INTERMEDIATE + FULCIO_ROOT)]
    for kind, url, ours in (
        ("tlogs", "https://rekor.sigstore.dev", REKOR),
        ("ctlogs", "https://ctfe.sigstore.dev/2022", CTFE),
    ):
        (log,) = [one for one in root[kind] if one["baseUrl"] == url]
        assert public_key(pem(log["publicKey"]["rawBytes"], "PUBLIC KEY")) == public_key(ours)
        assert "end" not in log["publicKey"]["validFor"]


@pytest.mark.parametrize(
    "roots",
    [
        FULCIO_ROOT,
        FULCIO_INTERMEDIATE,
        FULCIO_INTERMEDIATE + FULCIO_ROOT,
        FULCIO_ROOT + "\n\n" + FULCIO_INTERMEDIATE,
        "subject=O = sigstore.dev, CN = sigstore\n" + FULCIO_ROOT,
        FULCIO_ROOT.replace("\n", "\r\n"),
        FULCIO_ROOT + FULCIO_INTERMEDIATE + FULCIO_RETIRED,
        FULCIO_ROOT + FULCIO_ROOT,
    ],
    ids=["root", "intermediate", "chain", "other order", "comment", "line ends", "with the retired one", "twice"],
)
def test_every_spelling_of_the_roots_is_right(roots: str) -> None:
    assert holds(roots)
    assert in_the_world(changed((LOG, f"{LOG}            roots: {json.dumps(roots)}\n"))) == "admitted"


def test_keys_of_both_logs_are_right() -> None:
    assert holds(REKOR)
    assert holds(CTFE)
    assert in_the_world(pinned(FULCIO_ROOT, REKOR, CTFE)) == "admitted"


@pytest.mark.parametrize(
    "text",
    [
        pinned(roots=OWN),
        pinned(roots=FULCIO_RETIRED),
        pinned(rekor=OTHER_KEY),
        pinned(rekor=CTFE),
        pinned(rekor=OTHER_KEY + REKOR),
        pinned(ctlog=REKOR),
        changed((LOG, f"{LOG}            roots: {json.dumps(FULCIO_ROOT.replace(chr(10), ' '))}\n")),
    ],
    ids=["own root", "retired root", "other key", "keys confused", "other key first", "rekor for ct", "one line"],
)
def test_what_else_is_pinned_refuses_the_proper_signature(text: str) -> None:
    assert in_the_world(text) == "denied"


def test_a_root_beside_the_real_one_opens_the_door_to_another_authority() -> None:
    text = pinned(roots=FULCIO_ROOT + OWN)
    assert in_the_world(text) == "admitted"
    assert in_the_world(text, Signature(SUBJECT, ISSUER, authority="other")) == "admitted"
    assert in_the_world(pinned(roots=FULCIO_ROOT), Signature(SUBJECT, ISSUER, authority="other")) == "denied"


@pytest.mark.parametrize("text", [None, 7, "", "cert", OWN, OTHER_KEY, FULCIO_ROOT.replace("\n", " ")])
def test_what_is_not_the_public_goods(text: object) -> None:
    assert not holds(text)
