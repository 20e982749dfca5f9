"""The program `labs`."""

from __future__ import annotations

import sys


def main() -> None:
    """Runs `labs`, and ends with its exit code."""
    from labs.cli import run

    sys.exit(run())


if __name__ == "__main__":
    main()
