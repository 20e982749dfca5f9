"""Both formats come out in one shape, and hostile documents do no harm."""

from __future__ import annotations

from typing import Any

import pytest

from labs.image.sbom import Package, read

SPDX = {
    "spdxVersion": "SPDX-2.3",
    "name": "provider",
    "documentDescribes": ["SPDXRef-image"],
    "packages": [
        {"SPDXID": "SPDXRef-image", "name": "the image itself"},
        {
            "SPDXID": "SPDXRef-zlib",
            "name": "zlib",
            "versionInfo": "1.3.1",
            "licenseConcluded": "NOASSERTION",
            "licenseDeclared": "Zlib",
            "externalRefs": [{"referenceType": "purl", "referenceLocator": "pkg:apk/wolfi/zlib@1.3.1"}],
        },
    ],
}
CYCLONEDX = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.5",
    "metadata": {"component": {"name": "provider"}},
    "components": [
        {
            "name": "zlib",
            "version": "1.3.1",
            "licenses": [{"license": {"id": "Zlib"}}],
            "purl": "pkg:apk/wolfi/zlib@1.3.1",
        }
    ],
}


@pytest.mark.parametrize("document", [SPDX, CYCLONEDX, {"Data": SPDX}], ids=["spdx", "cyclonedx", "wrapped"])
def test_same_packages_from_both_formats(document: Any) -> None:
    bill = read(document)
    assert bill is not None
    assert bill.packages == (Package("zlib", "1.3.1", "Zlib", "pkg:apk/wolfi/zlib@1.3.1"),)
    assert bill.name == "provider"


@pytest.mark.parametrize("document", [None, 3, "x", [], {}, {"spdxVersion": 3}, {"Data": []}])
def test_no_bill(document: Any) -> None:
    assert read(document) is None


@pytest.mark.parametrize("packages", [None, "x", [None, 3, {"name": ["x"]}], {"a": 1}])
def test_malformed_parts_are_left_out(packages: Any) -> None:
    bill = read({"spdxVersion": "SPDX-2.3", "packages": packages})
    assert bill is not None
    assert bill.packages == ()


def test_escapes_in_names_are_taken_out() -> None:
    bill = read({"bomFormat": "CycloneDX", "components": [{"name": "\x1b[31mevil\u202e"}]})
    assert bill is not None
    assert bill.packages[0].name == "evil"
