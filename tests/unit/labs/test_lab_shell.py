"""The lab's shell: the person's own settings first, and then the lab's, which win."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from labs.commands import shell
from labs.errors import EnvironmentFault, NoLab
from labs.lab import Lab
from labs.state import Folder, State


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """A lab with a clone, in a folder whose name a shell has to quote; a home of its own."""
    monkeypatch.setenv("LABS_HOME", str(tmp_path / "it's a $HOME"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("ZDOTDIR", raising=False)
    folder = Folder.of("hard")
    folder.make()
    folder.clone.mkdir()
    found = Lab(folder, State.load(folder.state))
    found.state.update(name="hard")
    return found


def entered(arguments: list[str], variables: dict[str, str], tmp_path: Path) -> str:
    """What a shell that was started so says of its prompt and its cluster."""
    script = 'echo "<$PS1|$KUBECONFIG|$PLATFORM_LAB|$MINE>"\nexit\n'
    surroundings = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", **variables}
    done = subprocess.run(arguments, input=script, capture_output=True, text=True, check=True, env=surroundings)
    return done.stdout.partition("<")[2].partition(">\n")[0]


@pytest.mark.parametrize(("program", "settings"), [("bash", ".bashrc"), ("zsh", ".zshrc")])
def test_a_shells_own_settings_are_read_and_never_win_over_the_cluster(
    lab: Lab, tmp_path: Path, program: str, settings: str
) -> None:
    path = shutil.which(program)
    if path is None:
        pytest.skip(f"this machine has no {program}")
    (tmp_path / settings).write_text("export KUBECONFIG=/home/me/.kube/config\nMINE=yes\nPS1='mine$ '\n")
    arguments, variables = shell.prompted(path, lab)
    told = entered(arguments, variables, tmp_path)
    assert told == f"(lab hard) mine$ |{lab.folder.kubeconfig}|hard|yes"


def test_another_shell_is_told_by_its_variables(lab: Lab) -> None:
    arguments, variables = shell.prompted("/usr/bin/fish", lab)
    assert (arguments, variables) == (["/usr/bin/fish", "-i"], {"PS1": "(lab hard) $ "})


@pytest.fixture
def enter(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Callable[[str | None], int]:
    """Enters the lab, without a terminal; returns the exit code."""

    def run(command: str | None) -> int:
        with pytest.raises(SystemExit) as ended:
            shell.enter("hard", command)
        return int(ended.value.code or 0)

    return run


def test_a_command_runs_in_the_clone_with_the_labs_variables(
    enter: Callable[[str | None], int], lab: Lab, capfd: pytest.CaptureFixture[str]
) -> None:
    assert enter('echo "$PWD|$KUBECONFIG|$HELM_CONFIG_HOME"; exit 7') == 7
    told = capfd.readouterr().out
    assert told == f"{lab.folder.clone}|{lab.folder.kubeconfig}|{lab.folder.helm / 'config'}\n"


def test_labs_and_grader_are_on_path(enter: Callable[[str | None], int], capfd: pytest.CaptureFixture[str]) -> None:
    assert enter("command -v python") == 0
    assert Path(capfd.readouterr().out.strip()).parent == Path(sys.executable).parent


def test_without_a_terminal_a_script_is_read_from_the_pipe(
    enter: Callable[[str | None], int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "script").write_text("exit 5")
    with (tmp_path / "script").open() as script:
        monkeypatch.setattr(sys, "stdin", script)
        monkeypatch.setattr(subprocess, "run", _reading(script))
        assert enter(None) == 5


def _reading(script: io.TextIOWrapper) -> Callable[..., subprocess.CompletedProcess[bytes]]:
    """subprocess.run with the script as standard input, as a pipe would give it."""
    run = subprocess.run
    return lambda arguments, **more: run(arguments, stdin=script, **more)


def test_a_shell_that_cannot_start_is_told(lab: Lab, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Terminal())
    broken = tmp_path / "fish"
    broken.write_text("#!/no/such/interpreter\n")
    broken.chmod(0o755)
    monkeypatch.setenv("SHELL", str(broken))
    with pytest.raises(EnvironmentFault, match="fish cannot be run: No such file"):
        shell.enter("hard", None)


def test_a_lab_without_a_clone_is_told(lab: Lab) -> None:
    lab.folder.clone.rmdir()
    with pytest.raises(NoLab, match="has no clone yet"):
        shell.enter("hard", None)
