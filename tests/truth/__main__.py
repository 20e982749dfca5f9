"""The truth corpus: what a real Kyverno answers to every solution and mutant of the course."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

from grader.errors import LabsError
from tests.truth.entries import KYVERNO, entries
from tests.truth.record import record


def main() -> int:
    """`record` writes what is missing or out of date; `stale` lists it."""
    options = _options()
    if options.command == "stale":
        old = [f"{entry.name} {why}" for entry in entries() if (why := entry.stale(options.kyverno))]
        print("\n".join(old))
        return 1 if old else 0
    try:
        kubeconfig, remote = _lab(options.lab)
        record(kubeconfig, remote, options.only, again=options.again)
    except LabsError as error:
        print(error, file=sys.stderr)
        return 2
    except TimeoutError as error:
        print(f"{error}; the same command goes on with what is missing", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("cut off; the same command goes on with what is missing", file=sys.stderr)
        return 130
    return 0


def _lab(name: str) -> tuple[Path, Path]:
    """The kubeconfig of a lab, and its bare repository on this machine. Raises LabsError."""
    asked = ["labs", "status", name, "--format", "json"]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    try:
        found = json.loads(done.stdout)
        return Path(found["kubeconfig"]), Path(found["remote"])
    except (ValueError, KeyError, TypeError):
        raise LabsError(f"there is no lab {name!r}: {done.stderr.strip()}", advice=f"Run `labs up {name}`.") from None


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.truth", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    listing = commands.add_parser("stale", help="list what is not recorded, or of other files or probes")
    listing.add_argument("--kyverno", default=KYVERNO, help=f"version (default: {KYVERNO})")
    recording = commands.add_parser("record", help="ask a lab's real Kyverno, of whatever version it has")
    recording.add_argument("--lab", required=True, help="a lab of its own: policies come and go in it")
    recording.add_argument("--only", default="", help="entries whose name holds this text")
    recording.add_argument("--again", action="store_true", help="also what is recorded and up to date")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
