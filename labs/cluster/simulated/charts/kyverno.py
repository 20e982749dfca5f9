"""Kyverno's chart 3.9.1 (Kyverno 1.19.1): the objects that matter to a learner and to the grader.

Source: K:charts/kyverno/{values.yaml,templates}. Left out: roles, network policies, metrics'
settings, and the definitions of kinds that the course does not use.
"""

from __future__ import annotations

import json
from typing import Any

from labs.cluster.simulated.charts.parts import (
    Object,
    Release,
    account,
    config_map,
    definitions,
    image,
    service,
    workload,
)

CHART, VERSION, APP = "kyverno", "3.9.1", "v1.19.1"
_KINDS = ("clusterpolicies.kyverno.io", "policies.kyverno.io", "imagevalidatingpolicies.policies.kyverno.io")
_CONTROLLERS = {
    "admission": ("kyverno", "kyverno"),
    "background": ("background-controller", "controller"),
    "cleanup": ("cleanup-controller", "controller"),
    "reports": ("reports-controller", "controller"),
}
_FILTERED = (
    "[Event,*,*]", "[*/*,kube-system,*]", "[*/*,kube-public,*]", "[*/*,kube-node-lease,*]", "[Node,*,*]",
    "[Node/?*,*,*]", "[APIService,*,*]", "[APIService/?*,*,*]", "[TokenReview,*,*]", "[SubjectAccessReview,*,*]",
    "[SelfSubjectAccessReview,*,*]", "[Binding,*,*]", "[Pod/binding,*,*]", "[ReplicaSet,*,*]", "[ReplicaSet/?*,*,*]",
    "[EphemeralReport,*,*]", "[ClusterEphemeralReport,*,*]",
)  # fmt: skip


def render(release: Release) -> list[Object]:
    """All objects of a release, in the order in which they have to be created."""
    name = _fullname(release)
    found = definitions(*_KINDS) if release.value("crds", "install", default=True) else []
    found += [_configuration(release, name)]
    for part in _CONTROLLERS:
        if part == "admission" or release.value(f"{part}Controller", "enabled", default=True):
            found += _controller(release, name, part)
    return found


def _fullname(release: Release) -> str:
    """The helper `kyverno.fullname`."""
    given = release.value("fullnameOverride")
    if given:
        return str(given)[:63]
    chart = str(release.value("nameOverride", default=CHART))
    return release.name if chart in release.name else f"{release.name}-{chart}"[:63].rstrip("-")


def _labels(release: Release, name: str, part: str) -> dict[str, str]:
    component = "config" if part == "config" else f"{part}-controller"
    labels = {
        "app.kubernetes.io/component": component, "app.kubernetes.io/instance": release.name,
        "app.kubernetes.io/managed-by": "Helm", "app.kubernetes.io/part-of": name,
        "app.kubernetes.io/version": VERSION, "helm.sh/chart": f"{CHART}-{VERSION}",
    }  # fmt: skip
    return labels if part == "config" else {**labels, "app.kubernetes.io/name": f"{name}-{part}-controller"}


def _selector(release: Release, name: str, part: str) -> dict[str, str]:
    return {
        "app.kubernetes.io/component": f"{part}-controller", "app.kubernetes.io/instance": release.name,
        "app.kubernetes.io/part-of": name,
    }  # fmt: skip


def _configuration(release: Release, name: str) -> Object:
    filters = list(_FILTERED)
    expressions = [_not_in("kube-system")]
    if release.value("config", "excludeKyvernoNamespace", default=True):
        filters.insert(0, f"[*/*,{release.namespace},*]")
        expressions.append(_not_in(release.namespace))
    given = release.value("config", "webhooks", "namespaceSelector", "matchExpressions")
    if given is not None:
        expressions = [*given, *expressions[1:]]
    data = {
        "defaultRegistry": "docker.io", "enableDefaultRegistryMutation": "true", "excludeGroups": "system:nodes",
        "generateSuccessEvents": "false", "resourceFilters": " ".join(filters), "updateRequestThreshold": "1000",
        "webhookAnnotations": '{"admissions.enforcer/disabled":"true"}',
        "webhooks": json.dumps({"namespaceSelector": {"matchExpressions": expressions}}, separators=(",", ":")),
    }  # fmt: skip
    return config_map(release, _config_name(release, name), _labels(release, name, "config"), data)


def _config_name(release: Release, name: str) -> str:
    return str(release.value("config", "name", default=name) or name)


def _not_in(namespace: str) -> dict[str, Any]:
    return {"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": [namespace]}


def _controller(release: Release, name: str, part: str) -> list[Object]:
    called, labels = f"{name}-{part}-controller", _labels(release, name, part)
    selector = _selector(release, name, part)
    repository, container = _CONTROLLERS[part]
    env = [
        {"name": "INIT_CONFIG", "value": _config_name(release, name)},
        {"name": "KYVERNO_DEPLOYMENT", "value": called},
    ]
    replicas = release.value(f"{part}Controller", "replicas", default=1)
    main = {
        "name": container, "image": _image(release, part, repository), "args": _arguments(release, part),
        "env": [*env, {"name": "KYVERNO_SVC", "value": f"{name}-svc"}],
        "ports": [{"containerPort": 9443, "name": "https"}, {"containerPort": 8000, "name": "metrics-port"}],
    }  # fmt: skip
    first = {"name": "kyverno-pre", "image": _image(release, part, "kyvernopre"), "env": env}
    init = [first] if part == "admission" else []
    found = [account(release, called, labels)]
    ports = [{"name": "https", "port": 443, "targetPort": "https", "appProtocol": "https"}]
    if part in ("admission", "cleanup"):
        found.append(service(release, f"{name}-svc" if part == "admission" else called, labels, selector, ports))
    metrics = [{"name": "metrics-port", "port": 8000, "targetPort": 8000}]
    metric = f"{name}-svc-metrics" if part == "admission" else f"{called}-metrics"
    found.append(service(release, metric, labels, selector, metrics))
    found.append(
        workload(release, "Deployment", called, labels, selector, [main], account=called, replicas=replicas, init=init)
    )
    return found


def _image(release: Release, part: str, repository: str) -> str:
    place = (f"{part}Controller", "container" if part == "admission" else "image")
    given = release.value(*place, "image", default={}) if part == "admission" else release.value(*place, default={})
    given = (
        given
        if repository != "kyvernopre"
        else release.value("admissionController", "initContainer", "image", default={})
    )
    registry = given.get("registry") or release.value("global", "image", "registry") or "reg.kyverno.io"
    return image(registry, given.get("repository") or f"kyverno/{repository}", str(given.get("tag") or APP))


def _arguments(release: Release, part: str) -> list[str]:
    """What the grader and the cluster look at: the trust of the admission and reports controllers."""
    arguments = ["--loggingFormat=text", "--v=2"]
    if part not in ("admission", "reports"):
        return arguments
    arguments += ["--allowInsecureRegistry=false", "--registryCredentialHelpers=default"]
    if release.value("features", "tuf", "enabled", default=False):
        arguments.append("--enableTuf=true")
        for flag, key in (("tufMirror", "mirror"), ("tufRoot", "root"), ("tufRootRaw", "rootRaw")):
            given = release.value("features", "tuf", key)
            arguments += [f"--{flag}={given}"] if given else []
    return arguments
