"""Whose an object is: Helm marks all that it makes, and takes over nothing that another release made.

Source: helm.sh/helm/v3 v3.22 pkg/action/validate.go (checkOwnership, existingResourceConflict).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from grader.errors import InputError
from grader.kube import Kube, Refusal
from labs.cluster.simulated.charts.install import path
from labs.cluster.simulated.charts.parts import Release

Object = dict[str, Any]

_LABEL = {"app.kubernetes.io/managed-by": "Helm"}
_UNOWNED = ".crossplane.io"  # its definitions are made by Crossplane's own init container


def owned(value: Object, release: Release) -> Object:
    """An object of a chart with the marks of its release."""
    if not _helms(value):
        return value
    metadata = value["metadata"]
    labels, annotations = {**metadata.get("labels", {}), **_LABEL}, metadata.get("annotations", {})
    marked = {**metadata, "labels": labels, "annotations": {**annotations, **release.annotations()}}
    return {**value, "metadata": marked}


def require(kube: Kube, objects: Iterable[Object], release: Release, doing: str) -> None:
    """Raises InputError in Helm's words where one of `objects` lives already and is not the release's.

    `doing` is `install` or `update`.
    """
    for value in objects:
        live = _live(kube, value) if _helms(value) else None
        faults = _faults(live["metadata"], release) if live else []
        if faults:
            metadata = value["metadata"]
            place = f'{value["kind"]} "{metadata["name"]}" in namespace "{metadata.get("namespace", "")}"'
            raise InputError(
                f"Unable to continue with {doing}: {place} exists and cannot be imported into the current release: "
                f"invalid ownership metadata; {'; '.join(faults)}"
            )


def _helms(value: Object) -> bool:
    return not (value["kind"] == "CustomResourceDefinition" and value["metadata"]["name"].endswith(_UNOWNED))


def _live(kube: Kube, value: Object) -> Object | None:
    try:
        found: Object = kube.get(path(value))
    except Refusal as refusal:
        if refusal.status == 404:
            return None
        raise
    return found


def _faults(metadata: Object, release: Release) -> list[str]:
    return [
        *_differing("label", metadata.get("labels") or {}, _LABEL),
        *_differing("annotation", metadata.get("annotations") or {}, release.annotations()),
    ]


def _differing(what: str, found: Mapping[str, str], wanted: Mapping[str, str]) -> list[str]:
    faults = []
    for key, text in wanted.items():
        said = f"key {_q(key)} must equal {_q(text)}: current value is {_q(found[key])}" if key in found else ""
        said = said or f"missing key {_q(key)}: must be set to {_q(text)}"
        if found.get(key) != text:
            faults.append(f"{what} validation error: {said}")
    return faults


def _q(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
