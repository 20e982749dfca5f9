"""What the commands print, as Helm 3 prints it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import yaml

Object = dict[str, Any]

_COLUMNS = ("NAME", "NAMESPACE", "REVISION", "UPDATED", "STATUS", "CHART", "APP VERSION")


def status(release: Object, *, upgraded: bool = False) -> str:
    """The lines after an installation, and of `helm status`."""
    info = release["info"]
    first = f'Release "{release["name"]}" has been upgraded. Happy Helming!\n' if upgraded else ""
    when = datetime.fromisoformat(info["last_deployed"]).strftime("%a %b %e %H:%M:%S %Y")
    about = release["chart"]["metadata"]
    return (
        f"{first}NAME: {release['name']}\nLAST DEPLOYED: {when}\nNAMESPACE: {release['namespace']}\n"
        f"STATUS: {info['status']}\nREVISION: {release['version']}\nNOTES:\n"
        f"Chart version: {about['version']}\nApplication version: {about['appVersion']}\n"
        "This cluster is simulated: no program runs behind these objects."
    )


def summary(release: Object) -> Object:
    """A release as `helm list -o json` shows it."""
    about = release["chart"]["metadata"]
    when = datetime.fromisoformat(release["info"]["last_deployed"]).strftime("%Y-%m-%d %H:%M:%S.%f +0000 UTC")
    return {
        "name": release["name"], "namespace": release["namespace"], "revision": str(release["version"]),
        "updated": when, "status": release["info"]["status"], "chart": f"{about['name']}-{about['version']}",
        "app_version": about["appVersion"],
    }  # fmt: skip


def listing(releases: Iterable[Object], form: str) -> str:
    """All releases as a table, JSON or YAML."""
    rows = [summary(one) for one in releases]
    if form != "table":
        return dumped(rows, form)
    cells = [_COLUMNS, *(tuple(row.values()) for row in rows)]
    widths = [max(len(str(row[index])) for row in cells) for index in range(len(_COLUMNS))]
    return "\n".join(
        "\t".join(str(cell).ljust(width) for cell, width in zip(row, widths, strict=True)) for row in cells
    )


def dumped(value: Any, form: str) -> str:
    """A value as JSON or YAML."""
    return json.dumps(value) if form == "json" else yaml.safe_dump(value, sort_keys=True).rstrip("\n")
