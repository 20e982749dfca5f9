"""Every way in which a command ends has its code and one message on standard error."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest

from grader.console import run
from grader.errors import EnvironmentFault, InputError, UsageError


def ended(
    capsys: pytest.CaptureFixture[str], error: BaseException | int | None, *arguments: str
) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a command that ends so."""

    @click.command()
    @click.option("--debug", is_flag=True)
    def command(debug: bool) -> int | None:
        if isinstance(error, BaseException):
            raise error
        return error

    code = run(command, list(arguments), program="grader")
    printed = capsys.readouterr()
    return code, printed.out, printed.err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("wrong"), 2),
        (InputError("wrong"), 2),
        (EnvironmentFault("wrong"), 3),
        (click.UsageError("wrong"), 2),
        (click.exceptions.Exit(7), 7),
        (1, 1),
        (None, 0),
    ],
)
def test_codes(capsys: pytest.CaptureFixture[str], error: BaseException | int | None, code: int) -> None:
    assert ended(capsys, error)[0] == code


def test_a_fault_is_told_with_its_place_and_advice_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = ended(capsys, InputError("no such file", where="a.yaml:3", advice="Give another."))
    assert (code, out, err) == (2, "", "grader: a.yaml:3: no such file\nGive another.\n")


def test_ctrl_c_is_130(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = ended(capsys, KeyboardInterrupt())
    assert (code, out, err.strip()) == (130, "", "Interrupted.")


def test_a_bug_is_told_without_its_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = ended(capsys, ZeroDivisionError("x"))
    assert (code, "ZeroDivisionError" in err, "Traceback" in err, "--debug" in err) == (3, True, False, True)


def test_debug_shows_the_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert "Traceback" in ended(capsys, ZeroDivisionError("x"), "--debug")[2]


def test_a_reader_that_went_away_is_no_fault() -> None:
    """As in `grader … | head -1`: no traceback, and no complaint of Python's own at exit."""
    program = (
        "import sys\nfrom grader.console import run\nimport click\n"
        "@click.command()\ndef command():\n    click.echo('x' * 10_000_000)\n"
        "sys.exit(run(command, [], program='grader'))"
    )
    running = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert running.stdout is not None
    running.stdout.read(10)
    running.stdout.close()
    assert running.stderr is not None
    assert running.stderr.read() == b""
    running.stderr.close()
    assert running.wait(20) == 0


def test_help_imports_nothing_heavy() -> None:
    program = (
        "import sys\nfrom grader.console import run\nfrom grader.cli import grader\n"
        "code = run(grader, ['grade', '--help'], program='grader')\n"
        "heavy = {'kubernetes', 'dulwich', 'pydantic', 'yaml', 'urllib3', 'sigstore', 'textual', 're2', 'rich'}\n"
        "sys.exit(f'imported: {sorted(heavy & set(sys.modules))}' if heavy & set(sys.modules) else code)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "--kubeconfig" in done.stdout
