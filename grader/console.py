"""The only place that writes to standard error and decides the exit code of a command."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from io import TextIOWrapper
from typing import TextIO

import click

from grader.errors import LabsError
from grader.text import clean

INTERRUPTED = 130
COULD_NOT_TELL = 3


def say(text: str) -> None:
    """One line of progress, on standard error."""
    click.echo(clean(text, 100_000), err=True)


def run(command: click.Command, arguments: list[str] | None = None, *, program: str) -> int:
    """Runs a command and returns its exit code; every failure becomes one clear message.

    A command ends with another code than 0 by `click.exceptions.Exit`. With `--debug` among the
    arguments, a fault of the program itself also prints its traceback.
    """
    given = sys.argv[1:] if arguments is None else arguments
    out = sys.stdout
    _never_fail_at_a_letter()
    try:
        result = command.main(args=given, prog_name=program, standalone_mode=False)
        sys.stdout.flush()
        return result if isinstance(result, int) else 0
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except (KeyboardInterrupt, click.Abort):
        return _tell("Interrupted.", INTERRUPTED)
    except click.ClickException as wrong:
        wrong.show()
        return wrong.exit_code
    except LabsError as fault:
        return _tell(f"{program}: {fault.diagnostics()}", fault.exit_code)
    except BrokenPipeError:
        return _pipe_closed(out)
    except SystemExit:
        if sys.stdout is not out:  # click met the closed pipe first, put its own stream there and exits with 1
            return _pipe_closed(out)
        raise
    except Exception as bug:
        return _own_fault(bug, program, "--debug" in given)


def _never_fail_at_a_letter() -> None:
    """Writes a question mark for a letter that the person's encoding lacks (ISO 8859-1, ASCII)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


def _tell(text: str, code: int) -> int:
    say(text)
    return code


def _pipe_closed(out: TextIO) -> int:
    """Whoever read standard output went away: nothing more can be told there."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())
    return 0


def _own_fault(bug: Exception, program: str, debug: bool) -> int:
    if debug:
        say("".join(traceback.format_exception(bug)))
    more = "" if debug else " Run it again with --debug and report what it prints."
    return _tell(f"{program}: a fault of the program itself: {type(bug).__name__}.{more}", COULD_NOT_TELL)


def show_crash(check: str, bug: BaseException) -> None:
    """What a check of the grader raised, for `--debug`."""
    say(f"{check}:\n{''.join(traceback.format_exception(bug))}")


def crash_teller(debug: bool) -> Callable[[str, BaseException], None] | None:
    """`show_crash` with `--debug`, else nothing."""
    return show_crash if debug else None
