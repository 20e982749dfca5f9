"""However much a registry hangs on an image, so much is read and no more."""

from __future__ import annotations

import json

import pytest

from grader.errors import LabsError
from labs.image import attached, budget, reference
from labs.registry import oci
from tests.unit.image.conftest import Shelf

NAME = reference.parse("cgr.dev/x/y")
_EMPTY = oci.Blob(oci.EMPTY, b"{}")


def stated(shelf: Shelf, descriptors: int, statements: int) -> None:
    """An index that names the same holder of BuildKit's statements again and again."""
    image = oci.manifest("x/y", _EMPTY, [])
    held = oci.manifest("x/y", _EMPTY, [oci.Blob(attached.IN_TOTO, b"{}")] * statements)
    for one in (image, held):
        shelf.put(one)
    about = {"vnd.docker.reference.digest": image.digest}
    named = [image.descriptor(), *[held.descriptor() | {"annotations": about}] * descriptors]
    shelf.answers["/v2/x/y/manifests/latest"] = json.dumps({"manifests": named}).encode()


@pytest.mark.parametrize(("descriptors", "statements"), [(300, 1), (1, 300), (300, 0), (60, 60)])
def test_fifty_statements_are_read_and_no_more(shelf: Shelf, descriptors: int, statements: int) -> None:
    stated(shelf, descriptors, statements)
    source = shelf.source()
    image = attached.resolve(source, NAME)
    shelf.asked.clear()
    found = list(attached.find(source, image))
    assert len(found) == (50 if statements else 0)
    assert len(shelf.asked) <= 120


def test_everything_attached_has_one_budget(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "BYTES", 100)
    stated(shelf, 2, 1)
    source = shelf.source()
    image = attached.resolve(source, NAME)
    with pytest.raises(LabsError, match="more than 100 bytes are attached"):
        list(attached.find(source, image))


def test_everything_attached_has_one_deadline(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter(range(0, 10**6, 100))
    monkeypatch.setattr(budget, "monotonic", lambda: next(ticks))
    stated(shelf, 10, 1)
    source = shelf.source()
    image = attached.resolve(source, NAME)
    with pytest.raises(LabsError, match="more than 600 seconds"):
        list(attached.find(source, image))
