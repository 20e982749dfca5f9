"""Which programs run in the cluster, told by the images of their Deployments."""

from __future__ import annotations

from typing import Any

from grader.checks.objects import image_parts, items, text
from grader.evidence.model import Cluster
from grader.text import one_line

_ADMISSION = "admission-controller"


def containers(deployment: Any) -> list[str]:
    """The images of a Deployment's containers."""
    found = items(deployment, "spec", "template", "spec", "containers")
    return [image for one in found if (image := text(one, "image"))]


def admission_controllers(cluster: Cluster) -> list[Any]:
    """Kyverno's admission controllers, by any release name, namespace and way of installing.

    Known by an image called `kyverno`, or by the labels that Kyverno's chart sets (`app.kubernetes.io/component`
    and `part-of`: charts/kyverno/templates/_helpers of 3.9.1).
    """
    return [found for found in cluster.all("Deployment") if _is_kyverno(found)]


def _is_kyverno(deployment: Any) -> bool:
    labels = ("metadata", "labels")
    if text(deployment, *labels, "app.kubernetes.io/component") == _ADMISSION:
        marks = [text(deployment, *labels, f"app.kubernetes.io/{key}") for key in ("part-of", "name", "instance")]
        if any("kyverno" in mark for mark in marks):
            return True
    return any(image_parts(image)[0].rpartition("/")[2] == "kyverno" for image in containers(deployment))


def component_versions(cluster: Cluster) -> dict[str, str | None]:
    """Versions of kubernetes, kyverno, argocd and crossplane as seen; None where there is none."""
    kyverno = [tag for one in admission_controllers(cluster) for tag in _tags(one, "kyverno")]
    return {
        "kubernetes": one_line(cluster.version) or None,
        "kyverno": next(iter(kyverno), None),
        "argocd": _first(cluster, "argocd"),
        "crossplane": _first(cluster, "crossplane"),
    }


def _first(cluster: Cluster, program: str) -> str | None:
    return next((tag for one in cluster.all("Deployment") for tag in _tags(one, program)), None)


def _tags(deployment: Any, program: str) -> list[str]:
    parts = [image_parts(image) for image in containers(deployment)]
    return [one_line(tag, 80) for repository, tag in parts if tag and program in repository.rpartition("/")[2]]
