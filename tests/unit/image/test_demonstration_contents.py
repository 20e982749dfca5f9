"""What the demonstrations say of an image's contents and signatures."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from grader.errors import EnvironmentFault
from grader.evidence.lab import LabFacts, Sample
from labs.image.roots import Roots
from labs.image.shelf import Shelf
from labs.image.source import Endpoint, Source
from labs.learning.demonstrations import contents
from labs.learning.demonstrations.scene import Row
from labs.learning.lab_images import View
from labs.registry import build
from labs.registry.build import Built

IMAGE = "cgr.dev/chainguard/crossplane:v1.15.0"


class World:
    """As much of a world as the samples need."""

    def __init__(self, built: dict[str, Built]) -> None:
        samples = {name: Sample(one.place.image, one.place.tag, "sha256:" + "0" * 64) for name, one in built.items()}
        self.facts = LabFacts("test", "kind", "cgr.dev", "", ("argocd", "platform"), "canary", samples)


def called(built: Built, repository: str) -> Shelf:
    """A sample with its signatures, under another name and the tag of the course."""
    found = []
    for one in build.artifacts((built,)):
        tags = tuple("v1.15.0" if tag == built.place.tag else tag for tag in one.tags)
        found.append(replace(one, repository=repository, tags=tags))
    return Shelf(found)


def pair(built: dict[str, Built], both: tuple[Roots, ...], other: Shelf | Endpoint) -> View:
    ours = called(built["signed"], "chainguard/crossplane")
    return View(Source({"cgr.dev": ours, "xpkg.crossplane.io": other}), both)


def cells(rows: tuple[Row, ...]) -> dict[str, tuple[str, ...]]:
    return {one.cells[0]: one.cells[1:] for one in rows}


def test_every_sample_has_its_verdict(built: dict[str, Built], both: tuple[Roots, ...]) -> None:
    world: Any = World(built)
    found = contents.samples(world, View(Source({"cgr.dev": Shelf(build.artifacts(tuple(built.values())))}), both))
    rows = cells(found.tables[0].rows)
    assert {name: rows[name][0] for name in ("signed", "unsigned", "other-workflow", "forged-log")} == {
        "signed": "good",
        "unsigned": "unsigned",
        "other-workflow": "other signer",
        "forged-log": "not trusted",
    }
    assert rows["unsigned"][2] == "nobody"
    assert rows["other-workflow"][2].endswith("build.yaml@refs/heads/main")
    assert rows["forged-log"][2].endswith("(it says)")
    opened = dict(found.tables[0].rows[0].details)
    assert "not checked" in opened["verified"]
    assert "SPDX" in opened["SBOM"]


def test_a_sample_that_cannot_be_read_does_not_hide_the_others(
    built: dict[str, Built], both: tuple[Roots, ...]
) -> None:
    world: Any = World({"signed": built["signed"]})
    world.facts.samples["away"] = Sample("away.test/image", "v1", "sha256:" + "0" * 64)
    source = Source(
        {"cgr.dev": Shelf(build.artifacts((built["signed"],))), "away.test": Endpoint("http://127.0.0.1:9")}
    )
    found = contents.samples(world, View(source, both))
    assert [one.cells[1] for one in found.tables[0].rows] == ["good", "could not be read"]
    assert "does not answer" in dict(found.tables[0].rows[1].details)["fault"]


def test_who_signed_and_what_was_checked(built: dict[str, Built], both: tuple[Roots, ...]) -> None:
    view = pair(built, both, called(built["unsigned"], "crossplane/crossplane"))
    found = contents.show(view, IMAGE)
    signatures, packages, beside, *_ = found.tables
    opened = dict(signatures.rows[0].details)
    assert opened["identity"].endswith("release.yaml@refs/heads/main")
    assert opened["issuer"] == "https://token.actions.githubusercontent.com"
    assert opened["trust"] == "the lab's authority, not Chainguard"
    assert opened["log entry"].split(",")[0].isdigit()
    assert opened["checked"]
    assert "withdrawn" in opened["not checked"]
    assert cells(packages.rows)["pause"][0] == "3.10"
    assert beside.columns[1:] == (IMAGE, "xpkg.crossplane.io/crossplane/crossplane:v1.15.0")
    assert cells(beside.rows)["signature"] == ("good", "unsigned")
    assert cells(beside.rows)["SBOM's signature"] == ("good", "other signer")


def test_upstream_out_of_reach_is_told_and_hides_nothing(built: dict[str, Built], both: tuple[Roots, ...]) -> None:
    found = contents.show(pair(built, both, Endpoint("http://127.0.0.1:9")), IMAGE)
    assert "Upstream's image could not be put beside it" in found.answer
    assert [one.title for one in found.tables] == ["signatures and attestations", "packages (3)"]


def test_an_image_out_of_reach_is_a_fault_of_the_surroundings(both: tuple[Roots, ...]) -> None:
    with pytest.raises(EnvironmentFault, match="does not answer"):
        contents.show(View(Source({"cgr.dev": Endpoint("http://127.0.0.1:9")}), both), IMAGE)
