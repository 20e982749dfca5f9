"""`python -m labs.cluster.simulated.revive NAME KUBECONFIG FOLDER`: starts the server where it has died."""

from __future__ import annotations

import sys
from pathlib import Path

from grader.errors import LabsError
from labs.cluster.simulated.backend import Simulated


def main(name: str, kubeconfig: str, folder: str) -> int:
    """Exit code 3 where it does not come back; standard error then says why."""
    try:
        Simulated(name, Path(kubeconfig), Path(folder)).revive()
    except LabsError as error:
        print(error, file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:4]))
