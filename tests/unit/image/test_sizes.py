"""A layer's size is the registry's word: what is no size makes the image's unknown, and no fault."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest

from labs.image import as_json, attached, reference, tell, words
from labs.image.compare import Facts, compare, facts
from labs.image.picture import svg
from tests.unit.image.conftest import Shelf

NAME = reference.parse("cgr.dev/x/y")


def seen(shelf: Shelf, content: object) -> Facts:
    shelf.answers["/v2/x/y/manifests/latest"] = json.dumps(content).encode()
    return facts(attached.resolve(shelf.source(), NAME), None)


@pytest.mark.parametrize("size", [10**400, 2**63 + 1, -5, True, 1.5, "7", None], ids=lambda size: str(size)[:20])
def test_what_is_no_size_is_unknown_wherever_it_is_shown(shelf: Shelf, size: object) -> None:
    found = compare(seen(shelf, {"layers": [{"size": size}, {"size": 7}]}), seen(shelf, {"layers": [{"size": 7}]}))
    assert found.one.size is None
    assert found.other.size == 7
    assert "packed size  unknown" in "\n".join(tell.comparison(found))
    assert [one["bytes"] for one in as_json.comparison(found)["images"]] == [None, 7]
    picture = svg(found)
    assert ElementTree.fromstring(picture) is not None
    assert ">unknown<" in picture


def test_a_manifest_without_layers_has_no_known_size(shelf: Shelf) -> None:
    assert seen(shelf, {"layers": 3}).size is None
    assert seen(shelf, {"layers": []}).size == 0


@pytest.mark.parametrize(
    ("size", "told"),
    [(None, "unknown"), (0, "0.0 kB"), (634, "0.6 kB"), (999_949, "999.9 kB"), (999_950, "1.0 MB"), (2**63, "9223372")],
)
def test_sizes_in_words(size: int | None, told: str) -> None:
    assert words.size(size).startswith(told)


def test_one_package_is_no_plural() -> None:
    assert [words.packages(count) for count in (None, 0, 1, 2)] == [
        "carries no SBOM",
        "0 packages",
        "1 package",
        "2 packages",
    ]
