"""What the commands do: install, upgrade, uninstall."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any

from grader.errors import InputError
from grader.kube import Kube, Refusal, resource
from labs.cluster.simulated.charts.install import CHARTS, path
from labs.cluster.simulated.charts.parts import Release
from labs.cluster.simulated.helm.ownership import owned, require
from labs.cluster.simulated.helm.releases import Releases, exists
from labs.cluster.simulated.kyverno.webhooks import LABEL

Object = dict[str, Any]

REPOSITORIES = {
    "kyverno": "https://kyverno.github.io/kyverno/",
    "argo": "https://argoproj.github.io/argo-helm",
    "crossplane-stable": "https://charts.crossplane.io/stable",
}
_OF = {"kyverno": "kyverno", "argo-cd": "argo", "crossplane": "crossplane-stable"}
_PACKAGED = re.compile(r"(?P<name>[a-z0-9-]+?)-v?\d+\.\d+\.\d+[\w.+-]*\.tgz\Z")
_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,51}[a-z0-9])?\Z")
_KEPT = ("ConfigMap",)  # helm.sh/resource-policy: keep, on Kyverno's configuration


def chart(reference: str, version: str | None) -> str:
    """The name of a chart that is known here, by `repository/chart` or a packaged file. Raises InputError."""
    packaged = _PACKAGED.search(PurePath(reference).name)
    repository, _, name = reference.rpartition("/")
    name = packaged["name"] if packaged else name
    if name not in CHARTS or (not packaged and repository and repository != _OF[name]):
        known = ", ".join(f"{_OF[one]}/{one}" for one in CHARTS)
        raise InputError(f'failed to download "{reference}": simulated: the charts here are {known}')
    served = CHARTS[name][1]
    if version and version.removeprefix("v") != served and not packaged and name != "argo-cd":
        raise InputError(
            f'chart "{name}" matching {version} not found in {_OF[name]} index: simulated: only {served} is here'
        )
    return name


def install(kube: Kube, name: str, chart: str, namespace: str, values: Object, *, create_namespace: bool) -> Object:
    """Installs a release.

    Raises InputError: the name is taken, an object is another release's, or the namespace is not there.
    """
    if not _NAME.match(name):
        raise InputError(f'release name "{name}" is invalid')
    if Releases(kube).find(name, namespace):
        raise InputError("cannot re-use a name that is still in use")
    release = Release(name, namespace, values)
    require(kube, CHARTS[chart][0](release), release, "install")
    if not exists(kube, namespace):
        if not create_namespace:
            raise InputError(f'create: failed to create: namespaces "{namespace}" not found')
        kube.patch(
            resource("v1", "namespaces", name=namespace),
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}, "apply",
        )  # fmt: skip
    return _deploy(kube, name, chart, namespace, values, None)


def upgrade(kube: Kube, name: str, chart: str, namespace: str, values: Object) -> Object:
    """Brings a release to other values. Raises InputError where there is none."""
    old = Releases(kube).find(name, namespace)
    if old is None:
        raise InputError(f'"{name}" has no deployed releases')
    return _deploy(kube, name, chart, namespace, values, old)


def uninstall(kube: Kube, name: str, namespace: str) -> list[str]:
    """Removes a release with its objects. Returns what was kept; raises InputError where there is none."""
    releases = Releases(kube)
    record = releases.find(name, namespace)
    if record is None:
        raise InputError(f"uninstall: Release not loaded: {name}: release: not found")
    about = record["chart"]["metadata"]["name"]
    objects = CHARTS[about][0](Release(name, namespace, record["config"]))
    if about == "kyverno":
        _remove_webhooks(kube, name, namespace)
    kept = []
    for value in reversed(objects):
        if about == "kyverno" and value["kind"] in _KEPT:
            kept.append(f"[{value['kind']}] {value['metadata']['name']}")
        elif about == "kyverno" or value["kind"] != "CustomResourceDefinition":
            _delete(kube, path(value))
    releases.forget(name, namespace)
    return kept


def _deploy(kube: Kube, name: str, chart: str, namespace: str, values: Object, old: Object | None) -> Object:
    render, version, app = CHARTS[chart]
    release = Release(name, namespace, values)
    objects = [owned(one, release) for one in render(release)]
    if old:
        before = {path(one) for one in render(Release(name, namespace, old["config"]))}
        require(kube, (one for one in objects if path(one) not in before), release, "update")
        for place in before - {path(one) for one in objects}:
            _delete(kube, place)
    for value in objects:
        kube.patch(path(value), value, "apply")
    now = datetime.now(UTC).isoformat()
    record = {
        "name": name, "namespace": namespace, "version": old["version"] + 1 if old else 1, "config": values,
        "info": {
            "first_deployed": old["info"]["first_deployed"] if old else now, "last_deployed": now, "deleted": "",
            "status": "deployed", "description": "Upgrade complete" if old else "Install complete",
        },
        "chart": {"metadata": {"name": chart, "version": version, "appVersion": app}}, "manifest": "",
    }  # fmt: skip
    Releases(kube).save(record)
    return record


def _remove_webhooks(kube: Kube, name: str, namespace: str) -> None:
    """The chart's pre-delete hook (`webhooksCleanup`): no webhook outlives Kyverno.

    The release's own controller is stopped first, or it would write them anew.
    """
    wanted = {"app.kubernetes.io/component": "admission-controller", "app.kubernetes.io/instance": name}
    for one in kube.list(resource("apps/v1", "deployments", namespace)):
        if wanted.items() <= (one["metadata"].get("labels") or {}).items():
            _delete(kube, resource("apps/v1", "deployments", namespace, one["metadata"]["name"]))
    for plural in ("mutatingwebhookconfigurations", "validatingwebhookconfigurations"):
        for one in kube.list(resource("admissionregistration.k8s.io/v1", plural)):
            if (one["metadata"].get("labels") or {}).get(LABEL):
                _delete(kube, resource("admissionregistration.k8s.io/v1", plural, name=one["metadata"]["name"]))


def _delete(kube: Kube, place: str) -> None:
    try:
        kube.delete(place)
    except Refusal as refusal:
        if refusal.status != 404:
            raise
