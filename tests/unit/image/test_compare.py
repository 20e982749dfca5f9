"""Two bills are matched by name and version, then by name; the picture is a whole document."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from labs.image.bill import Found
from labs.image.compare import Facts, compare
from labs.image.picture import svg
from labs.image.sbom import Bill, Package
from labs.image.verify import Finding, Verdict


def facts(name: str, size: int, *packages: Package) -> Facts:
    nobody = Finding("statement", "", "", None, None, None, "", (), (), Verdict.UNSIGNED)
    return Facts(name, size, 2, Found(Bill("SPDX-2.3", name, packages), nobody))


def test_packages_are_matched_by_name() -> None:
    one = facts("a", 10, Package("zlib", "1"), Package("musl", "2"))
    other = facts("b", 20, Package("zlib", "2"), Package("musl", "2"), Package("bash", "5"))
    found = compare(one, other)
    assert [package.name for package in found.only_other] == ["bash"]
    assert [package.name for package in found.same] == ["musl"]
    assert [(left.version, right.version) for left, right in found.differing] == [("1", "2")]
    assert found.only_one == ()


@pytest.mark.parametrize(
    ("ours", "theirs", "same", "differing", "only_one", "only_other"),
    [
        ("1 2", "2", "2", [], "1", ""),
        ("2", "1 2", "2", [], "", "1"),
        ("1 3", "2", "", [("1", "2")], "3", ""),
        ("1 2 3", "3 4", "3", [("1", "4")], "2", ""),
        ("1 1", "1", "1", [], "1", ""),
        ("1 1", "1 1", "1 1", [], "", ""),
    ],
)
def test_no_package_that_stands_more_than_once_is_lost(
    ours: str, theirs: str, same: str, differing: list[tuple[str, str]], only_one: str, only_other: str
) -> None:
    one, other = (
        facts("x", 1, *(Package("lib", version, purl=str(n)) for n, version in enumerate(versions.split())))
        for versions in (ours, theirs)
    )
    found = compare(one, other)
    parts = (found.same, found.only_one, found.only_other)
    versions = [" ".join(package.version for package in part) for part in parts]
    assert versions == [same, only_one, only_other]
    assert [(left.version, right.version) for left, right in found.differing] == differing
    assert len(found.same) + len(found.differing) + len(found.only_one) == one.packages
    assert len(found.same) + len(found.differing) + len(found.only_other) == other.packages


def test_an_image_without_a_bill_is_said_so() -> None:
    found = compare(facts("a", 10, Package("zlib", "1")), Facts("b", 20, 3, None))
    assert "carries no SBOM" in svg(found)
    assert found.only_one == ()


def test_picture_is_well_formed_whatever_the_names() -> None:
    hostile = '<script>alert(1)</script>"&\x1b[0m'
    picture = svg(compare(facts(hostile, 10), facts(hostile, 0)))
    root = ElementTree.fromstring(picture)
    assert root.tag.endswith("svg")
    assert "<script" not in picture
