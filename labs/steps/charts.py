"""The Helm charts: fetched once, or those that the overrides name."""

from __future__ import annotations

from pathlib import Path

from labs.platform.helm import CHARTS, metadata
from labs.steps.context import Context


def fetch(context: Context) -> str:
    """Finds every chart and makes it known to the lab's Helm under its public name."""
    helm = context.helm("charts")
    found: dict[str, dict[str, str]] = {}
    for name, chart in CHARTS.items():
        file = context.overrides.chart(name).chart or helm.fetch(chart, context.cache)
        about = metadata(file)
        found[name] = {"file": str(file), "version": str(about["version"]), "app": str(about.get("appVersion", ""))}
    context.state.update(charts=found)
    helm.publish({name: Path(entry["file"]) for name, entry in found.items()})
    return ", ".join(f"{name} {entry['version']}" for name, entry in found.items())


def held(context: Context) -> bool:
    """Whether all charts are still where they were found."""
    charts = context.state.get("charts") or {}
    return set(charts) == set(CHARTS) and all(Path(entry["file"]).is_file() for entry in charts.values())
