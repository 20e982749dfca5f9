"""The truth corpus: what a real Kyverno answers to every solution and mutant of the course."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from grader.errors import LabsError
from tests.truth.entries import entries
from tests.truth.record import record, stale


def main() -> int:
    """`record` writes what is missing or out of date; `stale` lists it."""
    options = _options()
    if options.command == "stale":
        old = [entry.name for entry in entries() if stale(entry)]
        print("\n".join(old))
        return 1 if old else 0
    try:
        record(options.kubeconfig, options.remote, options.only, again=options.again)
    except LabsError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.truth", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("stale", help="list what is not recorded, or of other files or probes")
    recording = commands.add_parser("record", help="ask a lab's real Kyverno (a lab of its own: its policies change)")
    recording.add_argument("--kubeconfig", type=Path, required=True, help="the lab's cluster")
    recording.add_argument("--remote", type=Path, required=True, help="the lab's bare repository on this machine")
    recording.add_argument("--only", default="", help="entries whose name holds this text")
    recording.add_argument("--again", action="store_true", help="also what is recorded and up to date")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
