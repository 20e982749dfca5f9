"""`python -m labs.cluster.simulated --state DIR`: the server in the foreground."""

from __future__ import annotations

import argparse
from pathlib import Path


def main() -> int:
    """Parses the options and serves until SIGTERM."""
    parser = argparse.ArgumentParser(prog="labs.cluster.simulated", description="A simulated Kubernetes cluster.")
    parser.add_argument(
        "--state", type=Path, required=True, metavar="DIR", help="the folder that it keeps everything in"
    )
    parser.add_argument("--ready", type=int, metavar="FD", help="a file descriptor to close when it answers")
    options = parser.parse_args()
    from labs.cluster.simulated.serve import main as serve

    return serve(options.state, options.ready)


if __name__ == "__main__":
    raise SystemExit(main())
