"""Taking Kyverno out of a lab, however it came in."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from grader.errors import EnvironmentFault
from grader.kube import Kube, Refusal, resource
from labs import kyverno
from labs.lab import Lab
from labs.platform import manifests

_MOMENT = 0.2
_PATIENCE = 180.0
_WEBHOOKS = ("mutatingwebhookconfigurations", "validatingwebhookconfigurations")
_UNINSTALL = ("--no-hooks", "--cascade", "foreground", "--wait")
"""The chart's hook would scale Kyverno to zero from an image that the lab does not hold (chart 3.9.1,
`webhooksCleanup.image`); its webhooks go by `_hooks` instead, once no Kyverno runs that could write them anew."""
_ADMISSION = "admissionregistration.k8s.io/v1"
_DEFINITIONS = resource("apiextensions.k8s.io/v1", "customresourcedefinitions")
_OURS = frozenset({"default", "kube-system", *(one["metadata"]["name"] for one in manifests.namespaces())})


def namespaces(kube: Kube) -> frozenset[str]:
    """Where Kyverno's admission controller is; empty where there is none."""
    found = kube.list(resource("apps/v1", "deployments"))
    return frozenset(one["metadata"]["namespace"] for one in found if _is_kyverno(one))


def remove(lab: Lab, kube: Kube, say: Callable[[str], None]) -> tuple[str, ...]:
    """Uninstalls Kyverno, with its webhooks, which would refuse every Pod, its kinds and its namespace."""
    there = namespaces(kube)
    context = lab.context()
    release = kyverno.release(context)
    if not there and release is None:
        return ()
    say("Kyverno is taken out.")
    if release:
        helm = context.helm("kyverno")
        helm.run("uninstall", str(release["name"]), "-n", str(release["namespace"]), *_UNINSTALL, timeout=180)
        there |= {str(release["namespace"])}
    for path in _hooks(kube):
        _delete(kube, path)
    gone = [*_kinds(kube), *(resource("v1", "namespaces", name=name) for name in sorted(there - _OURS))]
    for path in gone:
        _delete(kube, path)
    for path in gone:
        _wait_until_gone(kube, path)
    return ("Kyverno",)


def _is_kyverno(deployment: Any) -> bool:
    """By its images: the chart's names and labels can be changed."""
    containers = deployment["spec"]["template"]["spec"].get("containers") or []
    return any("kyverno" in str(one.get("image", "")).rpartition("/")[2] for one in containers)


def _hooks(kube: Kube) -> Iterator[str]:
    """Kyverno's own webhooks, by the label that it gives them."""
    for plural in _WEBHOOKS:
        for one in kube.list(resource(_ADMISSION, plural)):
            if "webhook.kyverno.io/managed-by" in (one["metadata"].get("labels") or {}):
                yield resource(_ADMISSION, plural, name=one["metadata"]["name"])


def _kinds(kube: Kube) -> Iterator[str]:
    for one in kube.list(_DEFINITIONS):
        if str(one["spec"]["group"]).endswith("kyverno.io"):
            yield f"{_DEFINITIONS}/{one['metadata']['name']}"


def _wait_until_gone(kube: Kube, path: str) -> None:
    """Waits until what is going is gone; it would stand in the way of a new installation. Raises EnvironmentFault."""
    for _ in range(int(_PATIENCE / _MOMENT)):
        try:
            kube.get(path)
        except Refusal as refusal:
            if refusal.status == 404:
                return
            raise
        time.sleep(_MOMENT)
    raise EnvironmentFault(
        f"{path.rpartition('/')[2]} of Kyverno is still going after {_PATIENCE:.0f} s",
        advice="Do the same again in a minute: it goes on where it was.",
    )


def _delete(kube: Kube, path: str) -> None:
    try:
        kube.delete(path)
    except Refusal as refusal:
        if refusal.status != 404:
            raise
