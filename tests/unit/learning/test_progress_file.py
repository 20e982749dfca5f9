"""The progress file among faults: what cannot be read is not written over, and what could not be is not written."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from grader.errors import EnvironmentFault, InputError
from labs import state
from labs.learning import progress, progress_text
from labs.learning.progress import Progress

MODULE = "01-chainguard-images"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "progress.json"


def begun(file: Path) -> Progress:
    """A progress that is saved, and open."""
    mine = Progress.load(file)
    mine.module(MODULE).passed.add("a")
    mine.module(MODULE).hints["s"] = 2
    mine.save()
    return mine


def written(file: Path, modules: Any, **more: Any) -> Path:
    file.write_text(json.dumps({"schema": progress_text.SCHEMA, "modules": modules, **more}))
    return file


@pytest.mark.parametrize(
    "modules",
    [
        {str(number): {} for number in range(50_000)},
        {"m": {"passed": [f"c{number}" for number in range(50_000)]}},
        {"m": {"seconds": {f"s{number}": 1 for number in range(50_000)}}},
        {"m": {"hints": {f"s{number}": 1 for number in range(50_000)}}},
    ],
)
def test_more_than_any_course_has_is_no_progress(tmp_path: Path, modules: Any) -> None:
    with pytest.raises(InputError, match="more than"):
        Progress.imported(written(tmp_path / "m.json", modules))


def test_what_could_not_be_read_again_is_not_written(file: Path, tmp_path: Path) -> None:
    mine = begun(file)
    before = file.read_bytes()
    for begin in ("a", "b"):
        names: Any = {f"{begin}{number}": {} for number in range(progress_text.MODULES)}
        mine.adopt(Progress.imported(written(tmp_path / "m.json", names)))
    with pytest.raises(EnvironmentFault, match="more than"):
        mine.save()
    with pytest.raises(EnvironmentFault, match="more than"):
        mine.export(tmp_path / "out.json")
    assert file.read_bytes() == before
    assert not (tmp_path / "out.json").exists()


@pytest.mark.parametrize("open_before", [True, False])
def test_a_file_that_may_not_be_read_is_not_written_over(
    file: Path, monkeypatch: pytest.MonkeyPatch, open_before: bool
) -> None:
    mine = begun(file)
    before = file.read_bytes()

    def refused(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(progress, "_content", refused)
        mine = mine if open_before else Progress.load(file)
        mine.module(MODULE).passed.add("b")
        with pytest.raises(EnvironmentFault, match="Permission denied"):
            mine.save()
    assert file.read_bytes() == before
    mine.save()
    assert Progress.load(file).module(MODULE).passed == {"a", "b"}


def test_a_file_that_was_damaged_meanwhile_is_kept_and_all_that_is_known_is_written(file: Path) -> None:
    mine = begun(file)
    file.write_bytes(damaged := file.read_bytes() + b"x")
    mine.module(MODULE).passed.add("b")
    mine.save()
    assert Progress.load(file).module(MODULE).passed == {"a", "b"}
    assert Progress.load(file).module(MODULE).hints == {"s": 2}
    (kept,) = file.parent.glob("progress.json.corrupt-*")
    assert kept.read_bytes() == damaged
    assert kept.name in (mine.problem or "")


def test_a_file_that_is_gone_meanwhile_is_written_anew_with_all_that_is_known(file: Path) -> None:
    mine = begun(file)
    file.unlink()
    mine.save()
    assert Progress.load(file).module(MODULE).passed == {"a"}


def test_a_damaged_file_that_cannot_be_kept_beside_is_not_written_over(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = begun(file)
    file.write_bytes(b"x")

    def refused(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "rename", refused)
    with pytest.raises(EnvironmentFault, match="kept beside"):
        mine.save()
    assert file.read_bytes() == b"x"


def test_two_damaged_files_of_one_second_are_both_kept(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "now", lambda: "2026-01-01T00:00:00Z")
    for content in (b"1", b"2"):
        file.write_bytes(content)
        assert Progress.load(file).problem
    assert {one.read_bytes() for one in file.parent.glob("progress.json.corrupt-*")} == {b"1", b"2"}


def test_a_pipe_in_its_place_is_told_at_once_and_stays(file: Path) -> None:
    os.mkfifo(file)
    found = Progress.load(file)
    assert "cannot be read" in (found.problem or "")
    with pytest.raises(EnvironmentFault, match="no plain file"):
        found.save()
    assert file.is_fifo()


def test_a_pipe_may_be_imported(tmp_path: Path) -> None:
    copy = written(tmp_path / "m.json", {"m": {"done": True}})
    reading, writing = os.pipe()
    os.write(writing, copy.read_bytes())
    os.close(writing)
    assert Progress.imported(Path(f"/proc/self/fd/{reading}")).module("m").done
    os.close(reading)


def test_a_score_is_at_most_what_could_be_had(file: Path) -> None:
    written(file, {MODULE: {"score": 10**9, "max_score": 3}})
    assert Progress.load(file).module(MODULE).score == 3


def test_what_is_taken_in_counts_as_the_course_does(file: Path, tmp_path: Path) -> None:
    mine = Progress.load(file)
    carried = written(tmp_path / "m.json", {MODULE: {"score": 10**9, "max_score": 10**9}, "other": {"max_score": 5}})
    mine.adopt(Progress.imported(carried), {MODULE: 40})
    assert (mine.module(MODULE).score, mine.module(MODULE).max_score) == (40, 40)
    assert mine.module("other").max_score == 5


def test_a_clock_that_was_ahead_once_stops_no_counting(file: Path) -> None:
    written(file, {}, seen=9e9)
    for now in (1_000.0, 1_060.0):
        mine = Progress.load(file)
        mine.tick(now, MODULE, "s")
        mine.save()
    assert Progress.load(file).module(MODULE).seconds == {"s": 60.0}
