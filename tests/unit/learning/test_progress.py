"""Progress in its file: whole at every moment, and nobody's work lost."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from grader.errors import InputError
from labs.learning.module_progress import ModuleProgress, merged
from labs.learning.progress import PAUSE, Progress
from tests.reports import report

MODULE = "01-chainguard-images"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "home" / "progress.json"


def test_there_is_none_at_first(file: Path) -> None:
    found = Progress.load(file)
    assert (found.modules, found.problem, found.here) == ({}, None, None)
    assert not file.exists()


def test_what_was_saved_is_read_again(file: Path) -> None:
    mine = Progress.load(file)
    mine.enter(MODULE, "write-policy")
    mine.module(MODULE).graded(report({"kyverno.installed": "passed", "policy.present": "failed"}))
    mine.module(MODULE).hints["write-policy"] = 2
    mine.module(MODULE).spent("write-policy", 12.5)
    mine.module(MODULE).solutions_shown = 1
    mine.save()
    again = Progress.load(file)
    assert again.modules == mine.modules
    assert again.here == MODULE
    assert again.module(MODULE) == ModuleProgress(
        "write-policy", {"kyverno.installed"}, 5, 10, {"write-policy": 2}, {"write-policy": 12.5}, 1, False
    )


def test_a_later_grading_takes_nothing_away(file: Path) -> None:
    mine = Progress.load(file).module(MODULE)
    mine.graded(report({"a": "passed", "b": "passed"}))
    mine.graded(report({"a": "failed", "b": "error"}))
    assert (mine.passed, mine.score, mine.done) == ({"a", "b"}, 10, True)


def seen(simulated: bool | None, *checks: str) -> ModuleProgress:
    """What is noted of one grading, of a simulated cluster or not, in which these checks passed."""
    found = replace(report(dict.fromkeys(checks, "passed")), provenance={"simulated": simulated})
    made = ModuleProgress()
    made.graded(found)
    return made


@pytest.mark.parametrize(
    ("first", "second", "noted"),
    [
        ((True, "a"), (False, "a", "b"), False),
        ((False, "a"), (True, "a", "b"), True),
        ((False, "a", "b"), (True, "a"), False),
        ((True, "a"), (False, "a"), False),
        ((False, "a"), (True, "a"), False),
        ((None, "a"), (True, "a"), True),
        ((None, "a", "b"), (True, "a"), None),
    ],
)
def test_the_best_score_keeps_where_it_is_from(
    first: tuple[bool | None, str], second: tuple[bool | None, str], noted: bool | None
) -> None:
    one, two = seen(*first), seen(*second)
    assert merged(ModuleProgress(), one, two).simulated is noted
    one.graded(replace(report(dict.fromkeys(second[1:], "passed")), provenance={"simulated": second[0]}))
    assert one.simulated is noted


def test_an_older_file_does_not_tell_where_a_score_is_from(file: Path) -> None:
    file.parent.mkdir()
    file.write_text(
        '{"schema": "platform-labs/progress/v1", "modules": {"m": {"score": 5, "max_score": 9}, '
        '"n": {"score": 5, "max_score": 9, "simulated": "yes"}, "o": {"score": 5, "max_score": 9, "simulated": true}}}'
    )
    found = Progress.load(file)
    assert (found.problem, [found.module(name).simulated for name in "mno"]) == (None, [None, None, True])


def test_two_programs_lose_nothing_of_each_other(file: Path) -> None:
    one, two = Progress.load(file), Progress.load(file)
    one.module(MODULE).graded(report({"a": "passed"}))
    two.module(MODULE).graded(report({"b": "passed"}))
    one.module(MODULE).spent("s", 10)
    two.module(MODULE).spent("s", 5)
    two.module("00-getting-started").done = True
    one.save()
    two.save()
    one.module(MODULE).passed.add("c")
    one.save()
    both = Progress.load(file).module(MODULE)
    assert both.passed == {"a", "b", "c"}
    assert both.seconds == {"s": 15}
    assert Progress.load(file).module("00-getting-started").done


def test_what_one_takes_back_is_gone_although_the_other_had_read_it(file: Path) -> None:
    one = Progress.load(file)
    one.module(MODULE).passed |= {"a", "b"}
    one.module(MODULE).hints["s"] = 3
    one.save()
    two = Progress.load(file)
    one.module(MODULE).passed.discard("a")
    one.module(MODULE).hints.pop("s")
    one.save()
    two.module(MODULE).passed.add("c")
    two.save()
    assert Progress.load(file).module(MODULE).passed == {"b", "c"}
    assert Progress.load(file).module(MODULE).hints == {}


def test_a_module_that_is_held_learns_what_others_saved(file: Path) -> None:
    one, two = Progress.load(file), Progress.load(file)
    held = one.module(MODULE)
    two.module(MODULE).passed.add("b")
    two.save()
    held.passed.add("a")
    one.save()
    assert held.passed == {"a", "b"}
    assert one.module(MODULE) is held


def test_many_processes_at_once_lose_nothing(file: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from labs.learning.progress import Progress\n"
        "for n in range(8):\n"
        "    mine = Progress.load(Path(sys.argv[1])); mine.module('m').passed.add(f'{sys.argv[2]}-{n}'); mine.save()\n"
    )
    writers = [subprocess.Popen([sys.executable, "-c", code, str(file), name]) for name in "abc"]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    assert Progress.load(file).module("m").passed == {f"{name}-{n}" for name in "abc" for n in range(8)}


def test_a_kill_in_the_middle_of_writing_leaves_a_whole_file(file: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from labs.learning.progress import Progress\n"
        "mine = Progress.load(Path(sys.argv[1])); n = 0\n"
        "while True:\n"
        "    mine.module('m').passed.add(f'check-{n}'); mine.save(); n += 1; print(n, flush=True)\n"
    )
    least = 0
    for _ in range(3):
        writer = subprocess.Popen([sys.executable, "-c", code, str(file)], stdout=subprocess.PIPE, text=True)
        assert writer.stdout is not None
        with writer.stdout as told:
            least = max(least, *(int(told.readline()) for _ in range(20)))
            os.kill(writer.pid, signal.SIGKILL)
        writer.wait(10)
        found = Progress.load(file)
        assert found.problem is None
        assert len(found.module("m").passed) >= least


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"schema": "platform-labs/progress/v2"}',
        b"[" * 100_000,
        b'{"schema": "platform-labs/progress/v1", "modules": []}',
        b'{"schema": "platform-labs/progress/v1", "modules": {"../x": {}}}',
        b'{"schema": "platform-labs/progress/v1", "modules": {"m": {"passed": ["\\u001b[2J"]}}}',
        b'{"schema": "platform-labs/progress/v1", "modules": {"m": {"score": 1e400}}}',
        b'{"schema": "platform-labs/progress/v1", "modules": {"m": {"score": true}}}',
        b'{"schema": "platform-labs/progress/v1", "modules": {"m": {"seconds": {"s": -1}}}}',
        b" " * (2 << 20),
        b"\xff\xfe",
    ],
)
def test_what_cannot_be_read_is_kept_beside_and_told(file: Path, content: bytes) -> None:
    file.parent.mkdir()
    file.write_bytes(content)
    found = Progress.load(file)
    kept = next(file.parent.glob("progress.json.corrupt-*"))
    assert found.modules == {}
    assert found.problem is not None
    assert kept.name in found.problem
    assert kept.read_bytes() == content
    with pytest.raises(InputError):
        Progress.imported(kept)


def test_a_folder_in_its_place_is_told_and_raises_nothing(file: Path) -> None:
    file.mkdir(parents=True)
    assert "cannot be read" in (Progress.load(file).problem or "")


def test_it_is_carried_to_another_machine_and_both_keep_what_they_had(file: Path, tmp_path: Path) -> None:
    there = Progress.load(tmp_path / "there.json")
    there.module(MODULE).graded(report({"a": "passed", "b": "passed"}))
    there.module(MODULE).spent("s", 100)
    there.enter(MODULE, "commit-push")
    there.export(tmp_path / "carried.json")
    here = Progress.load(file)
    here.module(MODULE).graded(report({"c": "passed", "d": "failed"}))
    here.module(MODULE).spent("s", 40)
    here.module("00-getting-started").done = True
    here.adopt(Progress.imported(tmp_path / "carried.json"))
    here.save()
    found = Progress.load(file)
    assert found.module(MODULE).passed == {"a", "b", "c"}
    assert found.module(MODULE).seconds == {"s": 100}
    assert (found.module(MODULE).score, found.module(MODULE).done, found.here) == (10, True, MODULE)
    assert found.module("00-getting-started").done


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="pipe: is not a file"):
        Progress.imported(tmp_path / "pipe")


def test_taking_in_twice_changes_nothing(file: Path, tmp_path: Path) -> None:
    mine = Progress.load(file)
    mine.module(MODULE).spent("s", 7)
    mine.module(MODULE).solutions_shown = 2
    mine.export(tmp_path / "copy.json")
    before = mine.module(MODULE).copy()
    mine.adopt(Progress.imported(tmp_path / "copy.json"))
    assert mine.module(MODULE) == before


def test_what_is_written_names_its_schema(file: Path) -> None:
    Progress.load(file).save()
    assert json.loads(file.read_bytes())["schema"] == "platform-labs/progress/v1"


def test_time_counts_between_actions_of_any_program_and_pauses_hardly(file: Path) -> None:
    one = Progress.load(file)
    one.tick(1_000.0, MODULE, "s")
    one.tick(1_060.0, MODULE, "s")
    one.save()
    two = Progress.load(file)
    two.tick(1_090.0, MODULE, "t")
    two.tick(50_000.0, MODULE, "t")
    assert two.module(MODULE).seconds == {"s": 60.0, "t": 30.0 + PAUSE}


def test_a_clock_that_is_set_back_takes_no_time_away(file: Path) -> None:
    mine = Progress.load(file)
    mine.tick(1_000.0, MODULE, "s")
    mine.tick(10.0, MODULE, "s")
    assert mine.module(MODULE).seconds == {}


def test_merging_with_itself_changes_nothing() -> None:
    one = ModuleProgress("s", {"a"}, 3, 9, {"s": 1}, {"s": 2.0}, 1, True)
    assert merged(one, one, one) == one
