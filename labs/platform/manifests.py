"""The lab's own objects in the cluster: namespaces, the remote's server, the Application, published facts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

NAMESPACE = "platform-labs"
CANARY = "platform-labs-canary"
ELSEWHERE = "platform-labs-elsewhere"
LIKE_CROSSPLANE = "crossplane-elsewhere"
"""Begins like Crossplane's namespace and is none of it: a pattern that is too wide matches it."""
ARGOCD = "argocd"
CROSSPLANE = "crossplane-system"
APPLICATION = "platform"
BRANCH = "main"
PATH = "gitops-bootstrap/apps/platform"
REMOTE_URL = "git://git.platform-labs.svc.cluster.local/platform.git"
REMOTES_ON_NODE = "/srv/platform-labs/remote"
TUF_ON_NODE = "/srv/platform-labs/tuf"
MARKS_ON_NODE = "/srv/platform-labs/lab"
"""Below it, each lab's node has one folder with a name of its own."""
ARGOCD_NODE_PORT = 30080
GIT_PORT = 9418
CA_CONFIG_MAP = "platform-labs-registry-ca"
CA_KEY = "ca.crt"

Object = dict[str, Any]


def namespace(name: str) -> Object:
    """A namespace that is known as the lab's."""
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": _labels("namespace")}}


def namespaces() -> list[Object]:
    """All namespaces that the bring-up fills; Kyverno's own is the learner's to make."""
    return [namespace(name) for name in (NAMESPACE, CANARY, ELSEWHERE, LIKE_CROSSPLANE, ARGOCD, CROSSPLANE)]


def config_map(name: str, where: str, data: Mapping[str, str]) -> Object:
    """A ConfigMap of the lab."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": where, "labels": _labels("facts")},
        "data": dict(data),
    }


def service(name: str, where: str, selector: Mapping[str, str], port: Mapping[str, Any], kind: str) -> Object:
    """A Service of the lab with one port."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": where, "labels": _labels(name)},
        "spec": {"type": kind, "selector": dict(selector), "ports": [dict(port)]},
    }


def git_server(image: str, user: int) -> list[Object]:
    """A read-only `git daemon` over the bare repositories that the node sees.

    `user` owns them on the host, so that it may read them whatever their mode. The daemon never
    writes: it does not serve `receive-pack`, and the folder is mounted read-only.
    """
    command = ["git", "-c", "safe.directory=*", "daemon", "--export-all", "--reuseaddr", "--verbose"]
    container = {
        "name": "git",
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "command": [*command, f"--port={GIT_PORT}", "--base-path=/srv/git", "/srv/git"],
        "env": [{"name": "HOME", "value": "/"}],
        "ports": [{"name": "git", "containerPort": GIT_PORT}],
        "readinessProbe": {"tcpSocket": {"port": GIT_PORT}, "periodSeconds": 2},
        "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}, "limits": {"memory": "256Mi"}},
        "securityContext": {"runAsUser": user, "allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
        "volumeMounts": [{"name": "git", "mountPath": "/srv/git", "readOnly": True}],
    }
    pod = {
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": 1,
        "containers": [container],
        "volumes": [{"name": "git", "hostPath": {"path": REMOTES_ON_NODE, "type": "Directory"}}],
    }
    selector = {"app.kubernetes.io/name": "git"}
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "git", "namespace": NAMESPACE, "labels": _labels("git")},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": selector},
            "template": {"metadata": {"labels": _labels("git")}, "spec": pod},
        },
    }
    return [deployment, service("git", NAMESPACE, selector, {"name": "git", "port": GIT_PORT}, "ClusterIP")]


def argocd_address() -> Object:
    """Argo CD's server on the node's port that is published on the host's loopback address."""
    port = {"name": "http", "port": 80, "targetPort": 8080, "nodePort": ARGOCD_NODE_PORT}
    return service("argocd-server-lab", ARGOCD, {"app.kubernetes.io/name": "argocd-server"}, port, "NodePort")


def application() -> Object:
    """The Application over the exercise's folder.

    Retries take the newest commit (`refresh`), an emptied folder prunes (`allowEmpty`), and what an
    admission webhook adds is no drift (Argo CD, "Diff Strategies": ServerSideDiff with mutation webhooks).
    """
    automated = {"prune": True, "selfHeal": True, "allowEmpty": True}
    backoff = {"duration": "2s", "factor": 2, "maxDuration": "10s"}
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {
            "name": APPLICATION,
            "namespace": ARGOCD,
            "labels": _labels("application"),
            "annotations": {
                "argocd.argoproj.io/compare-options": "ServerSideDiff=true,IncludeMutationWebhook=true",
            },
        },
        "spec": {
            "project": "default",
            "source": {"repoURL": REMOTE_URL, "targetRevision": BRANCH, "path": PATH},
            "destination": {"server": "https://kubernetes.default.svc", "namespace": "default"},
            "syncPolicy": {
                "automated": automated,
                "retry": {"limit": -1, "refresh": True, "backoff": backoff},
                "syncOptions": ["SkipDryRunOnMissingResource=true"],
            },
        },
    }


def facts(name: str, backend: str, samples: Mapping[str, Mapping[str, str]]) -> Object:
    """What the lab publishes about itself: to the grader, and each sample by name to the course's commands.

    See docs/architecture.md, "What a lab publishes about itself".
    """
    lab = {
        "schema": "platform-labs/lab/v1",
        "name": name,
        "backend": backend,
        "registry": "cgr.dev",
        "remote": REMOTE_URL,
        "application": {"namespace": ARGOCD, "name": APPLICATION},
        "canary": {"namespace": CANARY},
        "samples": {sample: dict(image) for sample, image in samples.items()},
    }
    plain = {sample: f"{image['image']}:{image['tag']}" for sample, image in samples.items()}
    return config_map(NAMESPACE, NAMESPACE, {"lab.json": json.dumps(lab, indent=1), **plain})


def _labels(part: str) -> dict[str, str]:
    return {"app.kubernetes.io/name": part, "app.kubernetes.io/part-of": "platform-labs"}
