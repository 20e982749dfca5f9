"""Every point that module 01 has to make stands in its text, under the right heading, in the right order."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from grader import course
from tests.content.reading import section, shown

TEXT = shown(course.read().module("01-chainguard-images").text)
OUTLINE: dict[str, dict[str, str]] = yaml.safe_load((Path(__file__).parent / "outline.yaml").read_text())
POINTS = [(heading, point) for heading, points in OUTLINE.items() for point in points]
SECTIONS = (
    "Why",
    "Chainguard images",
    "How the platform uses them",
    "Verifying signatures at the door with Kyverno",
    "Exercise: enforce the policy",
    "What was shown",
)


@pytest.mark.parametrize(("heading", "point"), POINTS, ids=[point for _, point in POINTS])
def test_point_is_made(heading: str, point: str) -> None:
    plain = " ".join(section(TEXT, heading).replace("**", "").split())
    assert re.search(OUTLINE[heading][point], plain), f"{heading!r} does not say: {point}"


def test_sections_stand_in_order() -> None:
    """The six sections of the outline are the text's second-level headings."""
    headings = re.findall(r"^## (.+)$", TEXT, re.MULTILINE)
    assert tuple(headings) == SECTIONS


def test_steps_stand_in_order() -> None:
    numbers = re.findall(r"^### Step (\d): ", section(TEXT, "Exercise: enforce the policy"), re.MULTILINE)
    assert numbers == [str(number) for number in range(1, 9)]


def test_deprecation_is_said_in_two_sentences() -> None:
    """The first paragraph under the heading, before the forms are shown."""
    paragraph = " ".join(section(TEXT, "The newer form").split("\n\n")[1].split())
    assert len(re.findall(r"\.(?: [A-Z]|$)", paragraph)) == 2
