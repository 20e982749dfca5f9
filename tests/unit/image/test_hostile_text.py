"""What an image says of itself commands no terminal, breaks no JSON and no picture."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest

from grader.text import clean
from labs.image import as_json, sbom, tell
from labs.image.attached import Image
from labs.image.bill import Found
from labs.image.certificates import Signed
from labs.image.compare import Facts, compare
from labs.image.picture import svg
from labs.image.platforms import Platform
from labs.image.reference import Reference
from labs.image.source import Manifest
from labs.image.verify import Finding, Verdict, Verification

EVIL = '\x1b[31m\x1b]0;x\x07<b onload="x">&\r\nverdict   good\u202e\u200b\x00\x9b\ufffe\uffff\U000e0041\u2028end'


@pytest.fixture
def found() -> Found:
    document = {
        "spdxVersion": f"SPDX-2.3{EVIL}",
        "packages": [
            {"name": f"{number}{EVIL}", "versionInfo": EVIL, "licenseDeclared": EVIL, "externalRefs": [purl]}
            for number, purl in enumerate([{"referenceType": "purl", "referenceLocator": EVIL}] * 3)
        ],
    }
    bill = sbom.read(document)
    assert bill is not None
    signer = Signed(EVIL, EVIL)
    return Found(bill, Finding("bundle", EVIL, EVIL, signer, 1, None, EVIL, (EVIL,), (EVIL,), Verdict.OTHER, EVIL))


@pytest.fixture
def image() -> Image:
    manifest = Manifest("sha256:" + "0" * 64, {}, 2)
    return Image(Reference("cgr.dev", "x/y"), manifest, manifest, Platform("linux/s390x", "linux/amd64", fits=False))


def facts(name: str, found: Found, packages: int) -> Facts:
    listed = sbom.Bill(found.bill.format, found.bill.name, found.bill.packages[:packages])
    return Facts(name, 10, 1, Found(listed, found.finding), Platform(EVIL, EVIL, fits=False))


def test_no_table_carries_it_on(image: Image, found: Found) -> None:
    beside = compare(facts(EVIL, found, 2), facts("b", found, 3))
    verified = Verification(image, Signed("a", "b"), (found.finding,), (found.finding,))
    for lines in (tell.bill(image, found), tell.comparison(beside), tell.verification(verified)):
        told = list(lines)
        assert [line for line in told if line != clean(line) or "\n" in line] == []
        assert [line for line in told if line.startswith("verdict   good")] == []


def test_json_stays_whole(image: Image, found: Found) -> None:
    beside = compare(facts(EVIL, found, 2), facts("b", found, 3))
    for document in (as_json.bill(image, found), as_json.comparison(beside)):
        shown = clean("\n".join(json.dumps(document, indent=1).splitlines()), 1 << 20)
        assert json.loads(shown) == json.loads(json.dumps(document))


def test_a_picture_stays_whole(found: Found) -> None:
    picture = svg(compare(facts(EVIL, found, 2), facts("b", found, 3)))
    root = ElementTree.fromstring(picture.encode())
    assert {one.tag.partition("}")[2] for one in root.iter()} == {"svg", "rect", "text"}
    assert {name for one in root.iter() for name in one.attrib} <= {
        *("aria-label", "role", "width", "height", "viewBox", "x", "y", "fill", "font-family", "font-size")
    }
    assert not any(character in picture for character in "\x1b\u202e\u200b\x00")
