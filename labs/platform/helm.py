"""`helm` with a configuration, a cache and plugins of the lab's own, apart from the user's.

Charts are fetched once into the shared cache, and from then on read from there. The lab's Helm
knows the public repositories by their public addresses, with an index whose entries lead to those
fetched charts by a downloader plugin (helm.sh/docs/topics/plugins, "Downloader Plugins"). So
`helm install kyverno kyverno/kyverno --version …` works as it is written, with or without a network.
"""

from __future__ import annotations

import json
import tarfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from labs.cluster.kubectl import Kubectl
from labs.command import Runner
from labs.errors import EnvironmentFault
from labs.state import write

PENDING = "status in (pending-install,pending-upgrade,pending-rollback,uninstalling)"
_EPOCH = "2026-01-01T00:00:00Z"
_SCHEME = "lab-chart"
_PLUGIN = f"""name: {_SCHEME}
version: 1.0.0
usage: charts that the lab fetched
description: reads packaged charts from the lab's own folder
command: "true"
downloaders:
- command: read
  protocols: [{_SCHEME}]
"""
_READ = """#!/bin/sh
# Helm calls this with three TLS files and the address; the last part is the packaged chart.
exec cat "$HELM_PLUGIN_DIR/charts/${4##*/}"
"""


@dataclass(frozen=True, slots=True)
class Chart:
    """A public chart at its pinned version. `name` is what the lab calls it."""

    name: str
    chart: str
    repository: str
    url: str
    version: str


CHARTS = {
    chart.name: chart
    for chart in (
        Chart("kyverno", "kyverno", "kyverno", "https://kyverno.github.io/kyverno/", "3.9.1"),
        # the last minor of the public chart that ships Argo CD 3.2
        Chart("argocd", "argo-cd", "argo", "https://argoproj.github.io/argo-helm", "9.3.4"),
        Chart("crossplane", "crossplane", "crossplane-stable", "https://charts.crossplane.io/stable", "1.15.0"),
    )
}


@dataclass(frozen=True)
class Helm:
    """Runs helm for one lab. `folder` holds its configuration; `log` names the log file."""

    runner: Runner
    folder: Path
    kubeconfig: Path
    log: str = "helm"

    def environment(self) -> dict[str, str]:
        """The variables that keep Helm inside the lab's folder."""
        return {
            "HELM_CONFIG_HOME": str(self.folder / "config"),
            "HELM_CACHE_HOME": str(self.folder / "cache"),
            "HELM_DATA_HOME": str(self.folder / "data"),
            "HELM_PLUGINS": str(self.folder / "data" / "plugins"),
            "HELM_REPOSITORY_CONFIG": str(self.folder / "config" / "repositories.yaml"),
            "HELM_REPOSITORY_CACHE": str(self.folder / "cache" / "repository"),
            "HELM_REGISTRY_CONFIG": str(self.folder / "config" / "registry.json"),
        }

    def run(self, *arguments: str | Path, timeout: float = 120, cluster: bool = True, quiet: bool = False) -> str:
        """Standard output of helm, kept out of the log where it is `quiet`. Raises CommandFailed."""
        where = ("--kubeconfig", self.kubeconfig) if cluster else ()
        return self.runner.run(
            ["helm", *arguments, *where], log=self.log, timeout=timeout, environment=self.environment(), quiet=quiet
        ).stdout

    def fetch(self, chart: Chart, cache: Path, version: str | None = None) -> Path:
        """The packaged public chart (of its pinned version, or `version`), from the cache or from its repository."""
        version = version or chart.version
        packaged = cache / f"{chart.chart}-{version}.tgz"
        if not packaged.is_file():
            cache.mkdir(parents=True, exist_ok=True)
            fresh = self.folder / "fetched"
            fresh.mkdir(parents=True, exist_ok=True)
            source = ("--repo", chart.url, "--version", version)
            self.run("pull", chart.chart, *source, "-d", fresh, cluster=False)
            (fresh / packaged.name).replace(packaged)
        return packaged

    def render(self, release: str, chart: Path, values: Sequence[Path], namespace: str, version: str) -> str:
        """What the chart would create, as YAML. `version` is that of Kubernetes, `1.35.0`."""
        where = ("-n", namespace, "--kube-version", version)
        return self.run("template", release, chart, *where, *_layers(values), cluster=False, quiet=True)

    def install(self, release: str, chart: Path, values: Sequence[Path], namespace: str, *more: str) -> None:
        """Installs or upgrades a release; what an interrupted Helm left pending is cleared first."""
        self.clear_pending(release, namespace)
        where = ("-n", namespace, "--create-namespace")
        self.run("upgrade", "--install", release, chart, *where, *_layers(values), *more, timeout=420)

    def clear_pending(self, release: str, namespace: str) -> None:
        """Forgets a revision that Helm was stopped in the middle of: it would refuse every other one."""
        selector = f"owner=helm,name={release},{PENDING}"
        Kubectl(self.runner, self.kubeconfig, self.log).run("delete", "secret", "-n", namespace, "-l", selector)

    def releases(self) -> list[dict[str, Any]]:
        """All releases of the cluster, as `helm list -o json` shows them."""
        found: list[dict[str, Any]] = json.loads(self.run("list", "-A", "-a", "-o", "json") or "[]")
        return found

    def publish(self, charts: dict[str, Path]) -> None:
        """Makes `repository/chart` of the known charts resolve to these packaged ones."""
        plugin = self.folder / "data" / "plugins" / _SCHEME
        write(plugin / "plugin.yaml", _PLUGIN.encode(), 0o644)
        write(plugin / "read", _READ.encode(), 0o755)
        repositories = []
        for name, packaged in charts.items():
            known = CHARTS[name]
            write(plugin / "charts" / packaged.name, packaged.read_bytes(), 0o644)
            index = {"apiVersion": "v1", "entries": {known.chart: [_entry(packaged)]}, "generated": _EPOCH}
            cached = self.folder / "cache" / "repository" / f"{known.repository}-index.yaml"
            write(cached, yaml.safe_dump(index).encode(), 0o644)
            repositories.append({"name": known.repository, "url": known.url})
        listing = {"apiVersion": "", "generated": _EPOCH, "repositories": repositories}
        write(self.folder / "config" / "repositories.yaml", yaml.safe_dump(listing).encode())


def metadata(packaged: Path) -> dict[str, Any]:
    """Chart.yaml of a packaged chart. Raises EnvironmentFault where there is none to read."""
    try:
        with tarfile.open(packaged) as archive:
            member = next(one for one in archive if one.name.count("/") == 1 and one.name.endswith("/Chart.yaml"))
            file = archive.extractfile(member)
            found = yaml.safe_load(file.read(1 << 20)) if file else None
    except (OSError, EOFError, zlib.error, tarfile.TarError, StopIteration, yaml.YAMLError) as error:
        raise EnvironmentFault(f"is no packaged Helm chart ({error})", where=str(packaged)) from None
    if not isinstance(found, dict):
        raise EnvironmentFault("its Chart.yaml is no mapping", where=str(packaged))
    return found


def _entry(packaged: Path) -> dict[str, Any]:
    """The chart's entry in a repository index."""
    about = metadata(packaged)
    kept: dict[str, Any] = {
        key: about[key] for key in ("apiVersion", "name", "version", "appVersion", "description") if key in about
    }
    return kept | {"urls": [f"{_SCHEME}://charts/{packaged.name}"]}


def _layers(values: Sequence[Path]) -> list[str | Path]:
    """Values files as Helm takes them: the last one wins."""
    return [part for file in values for part in ("-f", file)]
