"""The registry as objects of the cluster. Image: distribution 3, settings by environment variables."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from dataclasses import dataclass
from typing import Any

from labs.registry.authority import Authority
from labs.registry.certificate import ServerCertificate
from labs.registry.samples import REGISTRY

NAME = "registry"
IMAGE = "registry:3"
PORT = 5000
ADDRESS = "10.96.0.50"
"""In the part of kind's service range (10.96.0.0/16) that Kubernetes hands out last
(KEP-3070, reserved for fixed addresses)."""
NODE_PORT = 30443
DATA_ON_NODE = "/var/lib/platform-labs/registry"

Object = dict[str, Any]


@dataclass(frozen=True)
class Placement:
    """Where the registry is: its namespace, cluster address and node port, its image, its data on the node."""

    namespace: str = "platform-labs"
    address: str = ADDRESS
    node_port: int = NODE_PORT
    image: str = IMAGE
    data: str = DATA_ON_NODE

    @property
    def names(self) -> tuple[str, ...]:
        """All names under which it may be asked."""
        inside = f"{NAME}.{self.namespace}"
        return (REGISTRY, "localhost", NAME, inside, f"{inside}.svc", f"{inside}.svc.cluster.local")


def server(authority: Authority, placement: Placement) -> ServerCertificate:
    """The registry's certificate: under all its names, on loopback and at its cluster address."""
    return authority.server(placement.names, ["127.0.0.1", "::1", placement.address])


def registry(authority: Authority, placement: Placement = Placement()) -> list[Object]:
    """Secret, Deployment and Service. Data lies on the node: it outlives the Pod and a stop of the cluster."""
    certificate = server(authority, placement)
    return [_secret(certificate, placement), _deployment(certificate, placement), _service(placement)]


def _secret(certificate: ServerCertificate, placement: Placement) -> Object:
    content = {"tls.crt": certificate.chain, "tls.key": certificate.key}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": _metadata("registry-tls", placement),
        "type": "kubernetes.io/tls",
        "data": {key: b64encode(value).decode() for key, value in content.items()},
    }


def _deployment(certificate: ServerCertificate, placement: Placement) -> Object:
    changed = {"platform-labs/certificate": hashlib.sha256(certificate.chain).hexdigest()}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": _metadata(NAME, placement),
        "spec": {
            "replicas": 1,
            "strategy": {"type": "Recreate"},
            "selector": {"matchLabels": _selector()},
            "template": {
                "metadata": {"labels": _selector() | _labels(), "annotations": changed},
                "spec": _pod(placement),
            },
        },
    }


def _pod(placement: Placement) -> Object:
    settings = {
        "REGISTRY_HTTP_ADDR": f":{PORT}",
        "REGISTRY_HTTP_TLS_CERTIFICATE": "/certificates/tls.crt",
        "REGISTRY_HTTP_TLS_KEY": "/certificates/tls.key",
        "REGISTRY_HTTP_RELATIVEURLS": "true",
        "REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY": "/var/lib/registry",
        "REGISTRY_LOG_ACCESSLOG_DISABLED": "true",
        "REGISTRY_LOG_LEVEL": "warn",
        "OTEL_TRACES_EXPORTER": "none",
    }
    container = {
        "name": NAME,
        "image": placement.image,
        "imagePullPolicy": "IfNotPresent",
        "env": [{"name": name, "value": value} for name, value in settings.items()],
        "ports": [{"name": "https", "containerPort": PORT}],
        "readinessProbe": {"httpGet": {"path": "/v2/", "port": PORT, "scheme": "HTTPS"}, "periodSeconds": 2},
        "resources": {"requests": {"cpu": "20m", "memory": "32Mi"}, "limits": {"memory": "256Mi"}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [
            {"name": "data", "mountPath": "/var/lib/registry"},
            {"name": "certificates", "mountPath": "/certificates", "readOnly": True},
        ],
    }
    return {
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": 2,
        "containers": [container],
        "volumes": [
            {"name": "data", "hostPath": {"path": placement.data, "type": "DirectoryOrCreate"}},
            {"name": "certificates", "secret": {"secretName": "registry-tls"}},
        ],
    }


def _service(placement: Placement) -> Object:
    port = {"name": "https", "port": 443, "targetPort": PORT, "nodePort": placement.node_port}
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": _metadata(NAME, placement),
        "spec": {
            "type": "NodePort",
            "clusterIP": placement.address,
            "selector": _selector(),
            "ports": [port],
        },
    }


def _metadata(name: str, placement: Placement) -> Object:
    return {"name": name, "namespace": placement.namespace, "labels": _selector() | _labels()}


def _selector() -> dict[str, str]:
    return {"app.kubernetes.io/name": NAME}


def _labels() -> dict[str, str]:
    return {"app.kubernetes.io/part-of": "platform-labs"}
