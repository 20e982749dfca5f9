"""The lab's trust in a Kyverno that Helm does not know: its Deployments changed in place."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from labs.platform import manifests

COMPONENTS = ("admission-controller", "reports-controller")
"""The controllers that verify images, by the label `app.kubernetes.io/component` (Kyverno's chart and manifests)."""

_FLAGS = ("--enableTuf", "--tufMirror", "--tufRoot", "--tufRootRaw")
_CA_FILE = "/etc/ssl/certs/ca-certificates.crt"
_CA_VOLUME = "platform-labs-ca"


def verifies_images(deployment: Mapping[str, Any]) -> bool:
    """Whether a Deployment is one of Kyverno's that need the trust.

    The label `app.kubernetes.io/part-of` holds the release's full name, which contains `kyverno`.
    """
    labels = deployment.get("metadata", {}).get("labels") or {}
    part_of = str(labels.get("app.kubernetes.io/part-of", ""))
    return "kyverno" in part_of and labels.get("app.kubernetes.io/component") in COMPONENTS


def trusting(deployment: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The Deployment with the trust of `values` (labs.registry.kyverno.kyverno_values): flags, TUF folder, authority.

    Done twice it is the same; flags, volumes and mounts of its own stay.
    """
    changed = copy.deepcopy(dict(deployment))
    pod = changed["spec"]["template"]["spec"]
    container = pod["containers"][0]
    tuf, brought = values["features"]["tuf"], values["admissionController"]
    flags = ["--enableTuf=true", f"--tufMirror={tuf['mirror']}", f"--tufRootRaw={tuf['rootRaw']}"]
    own = [flag for flag in container.get("args") or () if flag.partition("=")[0] not in _FLAGS]
    container["args"] = own + flags
    authority = {"name": manifests.CA_CONFIG_MAP, "items": [{"key": manifests.CA_KEY, "path": "ca-certificates.crt"}]}
    volumes = [*brought["extraVolumes"], {"name": _CA_VOLUME, "configMap": authority}]
    mount = {"name": _CA_VOLUME, "mountPath": _CA_FILE, "subPath": "ca-certificates.crt", "readOnly": True}
    mounts = [*brought["extraVolumeMounts"], mount]
    pod["volumes"] = _laid_over(pod.get("volumes") or [], volumes, "name")
    container["volumeMounts"] = _laid_over(container.get("volumeMounts") or [], mounts, "mountPath")
    return changed


def _laid_over(below: list[dict[str, Any]], above: list[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    taken = {one[key] for one in above}
    return [one for one in below if one.get(key) not in taken] + above
