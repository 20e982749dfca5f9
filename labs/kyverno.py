"""Kyverno in a lab: installed with the lab's values, or given the lab's trust afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from labs.cluster.kubectl import Kubectl
from labs.errors import NoLab
from labs.lab import Lab
from labs.platform.helm import CHARTS
from labs.registry import kyverno
from labs.state import write
from labs.steps import trust
from labs.steps.context import Context
from labs.steps.images import KYVERNO_VALUES

NAMESPACE = RELEASE = "kyverno"


def install(lab: Lab) -> str:
    """Installs Kyverno by the text's own command, or brings an installed one to the lab's values."""
    context = lab.context()
    found = release(context)
    name, namespace = (found["name"], found["namespace"]) if found else (RELEASE, NAMESPACE)
    values = context.folder.clone / KYVERNO_VALUES
    if not values.is_file():
        values = _written(context, trust.kyverno_values(context))
    context.helm("kyverno").install(name, context.chart("kyverno"), [values], namespace)
    _wait(context, namespace)
    return f"Kyverno {CHARTS['kyverno'].version} (chart) as {name} in namespace {namespace}"


def give_trust(lab: Lab) -> str:
    """Lays the lab's trust over the values of the Kyverno that is installed, and keeps the learner's own."""
    context = lab.context()
    found = release(context)
    if found is None:
        raise NoLab("there is no Kyverno that Helm installed", advice=f"labs install kyverno {lab.name} installs it.")
    name, namespace = found["name"], found["namespace"]
    helm = context.helm("kyverno")
    own: dict[str, Any] = yaml.safe_load(helm.run("get", "values", name, "-n", namespace, "-o", "yaml")) or {}
    values = _written(context, kyverno.with_trust(own, trust.kyverno_values(context)))
    helm.install(name, context.chart("kyverno"), [values], namespace)
    _wait(context, namespace)
    return f"{name} in namespace {namespace} trusts this lab"


def release(context: Context) -> dict[str, Any] | None:
    """The Helm release of Kyverno, whatever its name and namespace."""
    releases = context.helm("kyverno").releases()
    return next((one for one in releases if str(one.get("chart", "")).startswith("kyverno-3")), None)


def _written(context: Context, values: dict[str, Any]) -> Path:
    file = context.folder.values / "kyverno.yaml"
    write(file, yaml.safe_dump(values, sort_keys=False).encode())
    return file


def _wait(context: Context, namespace: str) -> None:
    kubectl: Kubectl = context.kubectl("kyverno")
    found = kubectl.get("deployments", namespace=namespace) or {"items": []}
    kubectl.rolled_out(namespace, *(f"deployment/{one['metadata']['name']}" for one in found["items"]))
