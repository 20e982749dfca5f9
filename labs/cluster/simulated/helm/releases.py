"""Releases in the cluster, as Helm 3 stores them: a Secret a revision, its record packed in JSON.

Source: helm.sh/helm/v3 pkg/storage/driver/{secrets,util}.go.
"""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

from grader.kube import Kube, Refusal, resource

Object = dict[str, Any]

TYPE = "helm.sh/release.v1"
_LARGEST = 8 << 20


def packed(release: Object) -> str:
    """A release's record as the Secret's `data.release` holds it."""
    zipped = gzip.compress(json.dumps(release).encode(), mtime=0)
    return base64.b64encode(base64.b64encode(zipped)).decode()


def unpacked(text: str) -> Object:
    """The record of a release. ValueError where it is none."""
    zipped = base64.b64decode(base64.b64decode(text))
    value = json.loads(gzip.decompress(zipped)[:_LARGEST])
    if not isinstance(value, dict):
        raise ValueError("no release")
    return value


class Releases:
    """All releases of a cluster."""

    def __init__(self, kube: Kube) -> None:
        self.kube = kube

    def all(self, namespace: str = "") -> list[Object]:
        """The newest revision of each release, by namespace and name."""
        found: dict[tuple[str, str], Object] = {}
        for secret in self.kube.list(resource("v1", "secrets", namespace or None)):
            if secret.get("type") != TYPE:
                continue
            try:
                record = unpacked(secret["data"]["release"])
            except (ValueError, KeyError, OSError):
                continue
            key = (record["namespace"], record["name"])
            if key not in found or found[key]["version"] < record["version"]:
                found[key] = record
        return [found[key] for key in sorted(found)]

    def find(self, name: str, namespace: str) -> Object | None:
        """The newest revision of a release, or None."""
        return next((one for one in self.all(namespace) if one["name"] == name), None)

    def save(self, record: Object) -> None:
        """Stores a revision; the one before is marked as superseded."""
        name, namespace, version = record["name"], record["namespace"], record["version"]
        old = self.find(name, namespace)
        if old and old["version"] < version:
            self._put({**old, "info": {**old["info"], "status": "superseded"}})
        self._put(record)

    def forget(self, name: str, namespace: str) -> None:
        """Removes all revisions of a release."""
        for secret in self.kube.list(resource("v1", "secrets", namespace)):
            labels = secret["metadata"].get("labels") or {}
            if secret.get("type") == TYPE and labels.get("name") == name:
                self.kube.delete(resource("v1", "secrets", namespace, secret["metadata"]["name"]))

    def _put(self, record: Object) -> None:
        name, namespace, version = record["name"], record["namespace"], record["version"]
        called = f"sh.helm.release.v1.{name}.v{version}"
        labels = {"name": name, "owner": "helm", "status": record["info"]["status"], "version": str(version)}
        secret = {
            "apiVersion": "v1", "kind": "Secret", "type": TYPE,
            "metadata": {"name": called, "namespace": namespace, "labels": labels}, "data": {"release": packed(record)},
        }  # fmt: skip
        self.kube.patch(resource("v1", "secrets", namespace, called), secret, "apply")


def exists(kube: Kube, namespace: str) -> bool:
    """Whether a namespace is there."""
    try:
        kube.get(resource("v1", "namespaces", name=namespace))
    except Refusal as refusal:
        if refusal.status == 404:
            return False
        raise
    return True
