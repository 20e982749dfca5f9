"""Kyverno in a lab: installed with the lab's values, or given the lab's trust afterwards."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import yaml

from labs.errors import NoLab
from labs.lab import Lab
from labs.platform import kyverno_running as running
from labs.platform import manifests, patch
from labs.platform.helm import CHARTS, metadata
from labs.registry import kyverno
from labs.state import write
from labs.steps import trust
from labs.steps.images import KYVERNO_VALUES
from labs.steps.work import Work

NAMESPACE = RELEASE = "kyverno"
_CHART = re.compile(r"kyverno-(v?\d.*)\Z")


def install(lab: Lab) -> str:
    """Installs Kyverno by the text's own command, or brings an installed one to the lab's chart and values."""
    context = lab.context()
    found = release(context)
    name, namespace = (found["name"], found["namespace"]) if found else (RELEASE, NAMESPACE)
    values = context.folder.clone / KYVERNO_VALUES
    if not values.is_file():
        values = _written(context, trust.kyverno_values(context))
    chart = context.chart("kyverno")
    context.helm("kyverno").install(name, chart, [values], namespace)
    running.wait(context.kubectl("kyverno"), namespace)
    about = metadata(chart)
    return f"Kyverno {about.get('appVersion')} (chart {about['version']}) is {name} in namespace {namespace}"


def give_trust(lab: Lab) -> str:
    """Gives the lab's trust to the Kyverno that is installed; its own values and version stay.

    Raises NoLab where there is none.
    """
    context = lab.context()
    values = trust.kyverno_values(context)
    found = release(context)
    if found is None:
        return _patch(context, values)
    name, namespace = found["name"], found["namespace"]
    helm = context.helm("kyverno")
    own: dict[str, Any] = yaml.safe_load(helm.run("get", "values", name, "-n", namespace, "-o", "yaml")) or {}
    file = _written(context, kyverno.with_trust(own, values))
    helm.install(name, _chart(context, str(found["chart"])), [file], namespace)
    running.wait(context.kubectl("kyverno"), namespace)
    return f"{name} in namespace {namespace} trusts this lab"


def release(context: Work) -> dict[str, Any] | None:
    """The Helm release of Kyverno, whatever its name and namespace."""
    releases = context.helm("kyverno").releases()
    return next((one for one in releases if _CHART.match(str(one.get("chart", "")))), None)


def _chart(context: Work, installed: str) -> Path:
    """The packaged chart of the version that is installed: the lab's own, or fetched."""
    named = _CHART.match(installed)
    version = named[1] if named else CHARTS["kyverno"].version
    own = context.chart("kyverno")
    if metadata(own)["version"] == version:
        return own
    return context.helm("kyverno").fetch(CHARTS["kyverno"], context.cache, version)


def _patch(context: Work, values: dict[str, Any]) -> str:
    """Without Helm: the Deployments that verify images are changed in place."""
    kubectl = context.kubectl("kyverno")
    everywhere = json.loads(kubectl.run("get", "deployments", "-A", "-o", "json", quiet=True))["items"]
    found = [one for one in everywhere if patch.verifies_images(one)]
    if not found:
        name = context.folder.name
        raise NoLab("there is no Kyverno in this lab", advice=f"labs install kyverno {name} installs it.")
    authority = trust.ca_file(context).read_text()
    namespaces = sorted({one["metadata"]["namespace"] for one in found})
    for namespace in namespaces:
        shared = manifests.config_map(manifests.CA_CONFIG_MAP, namespace, {manifests.CA_KEY: authority})
        kubectl.apply([shared], server_side=True)
    changed = {"apiVersion": "v1", "kind": "List", "items": [patch.trusting(one, values) for one in found]}
    kubectl.run("replace", "-f", "-", given=json.dumps(changed))
    for namespace in namespaces:
        running.wait(context.kubectl("kyverno"), namespace)
    return f"{len(found)} deployments in namespace {', '.join(namespaces)} trust this lab"


def _written(context: Work, values: dict[str, Any]) -> Path:
    file = context.folder.values / "kyverno.yaml"
    write(file, yaml.safe_dump(values, sort_keys=False).encode())
    return file
