"""`labs image` as a learner types it, against a lab's registry in this process."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from grader.errors import InputError
from labs.commands import image
from labs.image import trusts, upstream
from labs.image.reference import parse
from labs.learning import lab_images
from labs.registry.build import Built
from tests.unit.image.conftest import Shelf


@pytest.fixture
def names(lab_shelf: Shelf, built: dict[str, Built], tuf: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The samples' references; the commands look into the registry of this process."""
    view = lab_images.View(lab_shelf.source(), (trusts.public(), trusts.of_lab(tuf)))
    monkeypatch.setattr(image, "_view", lambda _: view)
    return {name: f"{one.place.image}:{one.place.tag}" for name, one in built.items()}


def test_verify_ends_well_for_a_good_signature_alone(names: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    image.check(names["signed"], None, "json", None, None)
    found: Any = json.loads(capsys.readouterr().out)
    assert (found["verdict"], found["signatures"][1]["logIndex"] > 0) == ("good", True)
    with pytest.raises(SystemExit) as left:
        image.check(names["other-branch"], None, "table", None, None)
    assert left.value.code == 1
    assert "other signer: another identity than asked for" in capsys.readouterr().out


def test_sbom_in_both_formats(names: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    image.sbom(names["signed"], None, "table")
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["pause", "3.10", "Apache-2.0"] in rows
    image.sbom(names["signed"], None, "json")
    found: Any = json.loads(capsys.readouterr().out)
    assert [package["name"] for package in found["packages"]][:2] == ["crossplane-package", "pause"]
    assert found["attestation"]["verdict"] == "good"


def test_compare_writes_a_picture(names: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "both.svg"
    image.side_by_side(names["signed"], names["unrelated"], None, "json", str(file))
    found: Any = json.loads(capsys.readouterr().out)
    assert [one["layers"] for one in found["images"]] == [2, 1]
    vouched = [one["attestation"] for one in found["images"]]
    assert [one["verdict"] for one in vouched] == ["good", "other signer"]
    assert vouched[1]["identity"] == "https://platform-labs.invalid/samples"
    assert ElementTree.parse(file).getroot().tag.endswith("svg")


def test_compare_of_two_samples_shows_what_differs_and_what_does_not(
    names: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    image.side_by_side(names["signed"], names["unsigned"], None, "table", None)
    told = capsys.readouterr().out
    tags = [names[name].rpartition(":")[2] for name in ("signed", "unsigned")]
    assert "the same in both: 1\n  pause 3.10\n" in told
    assert f"in another version: 1\n  crossplane-package {tags[0]} / {tags[1]}\n" in told
    assert "only in the first: 1\n  samples.provider-" in told
    assert "only in the second: 1\n  samples.provider-" in told
    assert "0.0" not in told


@pytest.mark.parametrize(("file", "fault"), [("away/both.svg", "no folder"), ("", "a folder, not a file")])
def test_a_picture_makes_no_folder(names: dict[str, str], tmp_path: Path, file: str, fault: str) -> None:
    with pytest.raises(InputError, match=fault):
        image.side_by_side(names["signed"], names["unsigned"], None, "json", str(tmp_path / file))
    assert list(tmp_path.iterdir()) == []


def test_upstream_of_a_known_image_has_the_same_tag() -> None:
    assert str(upstream.of(parse("cgr.dev/chainguard/argocd:v3.2.11"))) == "quay.io/argoproj/argocd:v3.2.11"
    with pytest.raises(InputError, match="no upstream image is known"):
        upstream.of(parse("cgr.dev/chainguard/other"))
