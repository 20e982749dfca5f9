"""Of an index it is told which platform was looked at, and that it is not the one wanted."""

from __future__ import annotations

from typing import Any

import pytest

from labs.image import as_json, attached, compare, platforms, reference, tell, verify
from labs.image.attached import Image
from labs.image.certificates import Signed
from labs.image.picture import svg
from labs.image.platforms import Platform
from labs.image.source import Source
from labs.registry import oci
from tests.unit.image.conftest import Shelf

NAME = reference.parse("cgr.dev/x/y")


def of(os: object, architecture: object, **more: object) -> dict[str, Any]:
    return {"platform": {"os": os, "architecture": architecture} | more}


def index(shelf: Shelf, source: Source, platform: dict[str, Any]) -> Image:
    manifest = oci.manifest("x/y", oci.Blob(oci.EMPTY, b"{}"), [])
    shelf.put(manifest)
    content = {"manifests": [manifest.descriptor() | platform]}
    shelf.answers["/v2/x/y/manifests/latest"] = oci.encode(content)
    return attached.resolve(source, NAME, "arm64")


@pytest.mark.parametrize(
    ("listed", "told"),
    [
        ([of("linux", "amd64"), of("linux", "arm64", variant="v8")], "linux/arm64/v8"),
        ([of("windows", "arm64"), of("linux", "arm64")], "linux/arm64"),
        ([of("windows", "arm64")], "windows/arm64 (the index has none for linux/arm64)"),
        ([of("unknown", "unknown"), of("linux", "s390x")], "linux/s390x (the index has none for linux/arm64)"),
        ([of("unknown", "unknown")], "unknown/unknown (the index has none for linux/arm64)"),
        ([of("", "arm64")], "arm64"),
        ([{}], "not named (the index has none for linux/arm64)"),
        ([of(3, ["x"])], "not named (the index has none for linux/arm64)"),
        ([of("li\x1b[31mnux\n\u202e", "arm64")], "linux/arm64"),
    ],
)
def test_the_platform_looked_at_is_told(listed: list[dict[str, Any]], told: str) -> None:
    found = platforms.choose(listed, "arm64")
    assert found is not None
    assert platforms.told(found[1]) == told


def test_an_index_of_nothing_has_no_platform() -> None:
    assert platforms.choose([], "arm64") is None


def test_every_output_names_the_platform(shelf: Shelf) -> None:
    source = shelf.source()
    image = index(shelf, source, of("linux", "s390x"))
    assert image.platform == Platform("linux/s390x", "linux/arm64", fits=False)
    verified = verify.verify(source, image, (), Signed("a", "b"))
    beside = compare.compare(compare.facts(image, None), compare.facts(image, None))
    line = "platform  linux/s390x (the index has none for linux/arm64)"
    assert line in list(tell.verification(verified))
    assert any(row.startswith("platform ") and row.count("s390x") == 2 for row in tell.comparison(beside))
    told = {"name": "linux/s390x", "wanted": "linux/arm64", "fits": False}
    assert as_json.verification(verified)["platform"] == told
    assert [one["platform"] for one in as_json.comparison(beside)["images"]] == [told, told]
    assert svg(beside).count(">linux/s390x (") == 2


def test_an_image_of_one_platform_says_nothing_of_it(shelf: Shelf) -> None:
    shelf.put(oci.manifest("x/y", oci.Blob(oci.EMPTY, b"{}"), [], tags=["latest"]))
    source = shelf.source()
    image = attached.resolve(source, NAME)
    assert image.platform is None
    verified = verify.verify(source, image, (), Signed("a", "b"))
    assert "platform" not in "\n".join(tell.verification(verified))
    assert as_json.verification(verified)["platform"] is None
