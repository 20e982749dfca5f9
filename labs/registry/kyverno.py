"""How Kyverno is told of a lab's trust: Helm values, and the volume that brings the TUF repository.

Chart: kyverno 3.9.1 (`values.yaml`: `features.tuf`, `global.caCertificates`, `extraVolumes`).
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from labs.registry.trust import Trust

MOUNT = "/srv/tuf"
VOLUME = "platform-labs-tuf"
CONTROLLERS = ("admissionController", "reportsController")
"""Those that verify images; the others have no such flags."""

Json = dict[str, Any]


def host_path(path: str) -> Json:
    """The repository as a folder of the node: whatever namespace Kyverno is installed in."""
    return {"name": VOLUME, "hostPath": {"path": path, "type": "Directory"}}


def kyverno_values(trust: Trust, registry_ca: bytes, volume: Mapping[str, Any]) -> Json:
    """Values with which Kyverno trusts the lab's Sigstore and registry.

    `registry_ca` (PEM) stands alone: with the system's whole bundle Helm's record of the release
    would pass the 1 MiB of a Secret.
    """
    root = b64encode(trust.root).decode()
    return {
        "features": {"tuf": {"enabled": True, "mirror": f"file://{MOUNT}", "rootRaw": root}},
        "global": {"caCertificates": {"data": registry_ca.decode()}},
        **{controller: _mounted(volume) for controller in CONTROLLERS},
    }


def with_trust(values: Mapping[str, Any], trusted: Mapping[str, Any]) -> Json:
    """A learner's own values with `kyverno_values` laid over them.

    Helm replaces whole lists; here volumes and mounts of another name stay.
    """
    result = dict(values)
    for key, value in trusted.items():
        below = result.get(key)
        if isinstance(value, Mapping) and isinstance(below, Mapping):
            result[key] = with_trust(below, value)
        elif isinstance(value, list) and isinstance(below, list):
            names = {_name(item) for item in value} - {None}
            result[key] = [item for item in below if _name(item) not in names] + value if names else value
        else:
            result[key] = value
    return result


def _name(item: Any) -> Any:
    """The name of a list's item that has one."""
    return item.get("name") if isinstance(item, Mapping) else None


def _mounted(volume: Mapping[str, Any]) -> Json:
    mount = {"name": volume["name"], "mountPath": MOUNT, "readOnly": True}
    return {"extraVolumes": [deepcopy(dict(volume))], "extraVolumeMounts": [mount]}
