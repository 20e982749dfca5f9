"""`grader`, and `python -m grader`."""

from __future__ import annotations

import sys


def main() -> None:
    """Runs the command line and ends the process with its exit code."""
    from grader.cli import grader
    from grader.console import run

    sys.exit(run(grader, program="grader"))


if __name__ == "__main__":
    main()
