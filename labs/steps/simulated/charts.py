"""What stands for the public charts: packages that hold a name and versions, and nothing to install from.

The simulated cluster makes the objects of a chart by itself (`labs.cluster.simulated.charts`). The packages let
the commands that take a chart's file work as they do in a real lab.
"""

from __future__ import annotations

import io
import tarfile

import yaml

from labs.cluster.simulated.charts.install import CHARTS
from labs.platform import helm
from labs.state import write
from labs.steps.simulated.context import Context


def make(context: Context) -> str:
    """Writes the packages and notes them in the lab's state."""
    found = {}
    for name, known in helm.CHARTS.items():
        _, version, app = CHARTS[known.chart]
        file = context.folder.helm / "charts" / f"{known.chart}-{version}.tgz"
        write(file, _packaged(known.chart, version, app))
        found[name] = {"file": str(file), "version": version, "app": app}
    context.state.update(charts=found)
    return ", ".join(f"{name} {entry['version']}" for name, entry in found.items())


def _packaged(chart: str, version: str, app: str) -> bytes:
    about = {
        "apiVersion": "v2", "name": chart, "version": version, "appVersion": app,
        "description": "simulated: stands for the public chart in a lab without Docker",
    }  # fmt: skip
    data = yaml.safe_dump(about, sort_keys=False).encode()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        member = tarfile.TarInfo(f"{chart}/Chart.yaml")
        member.size, member.mode = len(data), 0o644
        archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()
