"""What a reset or a jump says of itself."""

from pathlib import Path

import pytest

from labs.learning.resetting import Lost, Turned
from labs.learning.turned import sentences
from labs.platform.backup import Kept
from labs.platform.rewind import Laid

KEPT = Kept(Path("clone"), ("backup/t",))


def test_whose_the_files_are_is_said() -> None:
    told = " ".join(sentences(Turned(KEPT, (), True, "course", ("policy.yaml",), ("welcome.yaml",))))
    assert "The file policy.yaml is the course's" in told
    assert "git restore --source backup/t FILE" in told
    assert "The file welcome.yaml is yours still" in told


@pytest.mark.parametrize(
    ("files", "words"),
    [("left", "as they were"), ("own", "Your own files are in the clone"), ("course", "no file of yours is in it")],
)
def test_each_way_has_its_words(files: str, words: str) -> None:
    (told,) = sentences(Turned(Kept(Path("clone")), (), True, files))  # type: ignore[arg-type]
    assert words in told


def test_an_earlier_module_that_could_not_stay_is_named() -> None:
    told = list(sentences(Turned(KEPT, (), True, "course", undone=("00-first",))))
    assert any("What was pushed for module 00-first is undone too" in line for line in told)


def test_what_no_branch_can_have_is_named_where_it_is() -> None:
    told = list(sentences(Turned(KEPT, (), True, "course", clone=Laid("", (("a", "a.backup-t"),), ("model",)))))
    assert any(
        "What lay at a is over 10 MiB or no plain file, so no branch has it; it is called a.backup-t." in line
        for line in told
    )
    assert any(
        "Your model is over 10 MiB or no plain file, so no branch has it; it is in the clone still." in line
        for line in told
    )
    assert any("no other file of yours" in line for line in told)


def test_a_clone_that_was_made_anew_is_told_with_all_that_is_kept() -> None:
    saved = Kept(Path("backups/default.git"), ("t/uncommitted",))
    told = " ".join(sentences(Turned(KEPT, (), True, "course", ("f",), lost=Lost(saved, Path("platform.t")))))
    assert "on the branch t/uncommitted. It is in the repository backups/default.git." in told
    assert "on the branch backup/t. It is in the repository clone." in told
    assert "the old one is platform.t" in told
    assert "--source backup/t FILE" in told


@pytest.mark.parametrize(("led", "words"), [((), "it was gone"), (("/a", "/b"), "it was /a and /b")])
def test_an_origin_that_led_elsewhere_is_told(led: tuple[str, ...], words: str) -> None:
    told = " ".join(sentences(Turned(KEPT, (), True, "course", clone=Laid(led=led))))
    assert words in told
