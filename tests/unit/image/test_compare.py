"""Two bills are matched by name; the picture is a whole document."""

from __future__ import annotations

from xml.etree import ElementTree

from labs.image.compare import Facts, compare
from labs.image.picture import svg
from labs.image.sbom import Bill, Package


def facts(name: str, size: int, *packages: Package) -> Facts:
    return Facts(name, size, 2, Bill("SPDX-2.3", name, packages))


def test_packages_are_matched_by_name() -> None:
    one = facts("a", 10, Package("zlib", "1"), Package("musl", "2"))
    other = facts("b", 20, Package("zlib", "2"), Package("musl", "2"), Package("bash", "5"))
    found = compare(one, other)
    assert [package.name for package in found.only_other] == ["bash"]
    assert [package.name for package in found.same] == ["musl"]
    assert [(left.version, right.version) for left, right in found.differing] == [("1", "2")]
    assert found.only_one == ()


def test_an_image_without_a_bill_is_said_so() -> None:
    picture = svg(compare(facts("a", 10, Package("zlib", "1")), Facts("b", 20, 3, None)))
    assert "carries no SBOM" in picture


def test_picture_is_well_formed_whatever_the_names() -> None:
    hostile = '<script>alert(1)</script>"&\x1b[0m'
    picture = svg(compare(facts(hostile, 10), facts(hostile, 0)))
    root = ElementTree.fromstring(picture)
    assert root.tag.endswith("svg")
    assert "<script" not in picture
