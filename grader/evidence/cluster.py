"""Reads what a cluster holds, without judging it and without changing it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from grader.errors import EnvironmentFault
from grader.evidence import lab
from grader.evidence.dig import dig, mappings, name, namespace, text
from grader.evidence.kinds import KINDS
from grader.evidence.model import Cluster, Json
from grader.evidence.reduce import reduced
from grader.kube import Kube, Refusal, resource
from grader.text import one_line

CONCURRENCY = 8
_KYVERNO = re.compile(r"(?:^|/)kyverno(?:[:@]|$)")


@dataclass(slots=True)
class Found:
    """What reading one kind gave: objects as `kept` makes them, or why there are none."""

    objects: tuple[Json, ...] = ()
    served: bool = True
    error: str | None = None


def collect(kube: Kube) -> Cluster:
    """Everything that checks look at, read side by side.

    Of CustomResourceDefinitions only metadata is read. A kind that cannot be read is named in
    `unreadable` and the others still count. Raises EnvironmentFault where the server does not
    answer at all or does not accept the credentials.
    """
    version = server_version(kube)
    with ThreadPoolExecutor(CONCURRENCY) as pool:
        reading = {kind: pool.submit(_read, kube, kind) for kind in KINDS}
        own = pool.submit(_config_map, kube, lab.NAMESPACE, lab.NAME)
        found = {kind: future.result() for kind, future in reading.items()}
        found["ConfigMap"] = _merged([own.result(), *_kyverno_configuration(kube, pool, found["Deployment"].objects)])
    return assembled(kube.server, version, found)


def assembled(server: str, version: str, found: Mapping[str, Found]) -> Cluster:
    """A cluster of what reading each kind gave."""
    cluster = Cluster(
        server=server,
        version=version,
        uid=_uid(found["Namespace"].objects),
        objects={kind: one.objects for kind, one in found.items() if one.objects},
        not_served=tuple(kind for kind, one in found.items() if not one.served),
        unreadable={kind: one.error for kind, one in found.items() if one.error},
    )
    return replace(cluster, simulated=_simulated(cluster))


def kept(found: Json, kind: str, version: str) -> Json:
    """What is kept of an object, told with its kind and API version, which a watch of metadata does not have."""
    return reduced({**found, "kind": kind, "apiVersion": version}, kind)


def versions(cluster: Cluster) -> dict[str, str]:
    """The ClusterPolicies that are live, by name, each as `uid@resourceVersion`."""
    return {name(policy): version_of(policy) for policy in cluster.all("ClusterPolicy")}


def admission_replicas(cluster: Cluster) -> int:
    """How many replicas of Kyverno's admission controller are available, in all namespaces."""
    found = (dig(one, "status", "availableReplicas") for one in cluster.all("Deployment") if _is_kyverno(one))
    return sum(count for count in found if isinstance(count, int))


def version_of(found: Json) -> str:
    """`uid@resourceVersion`: names one state of one object."""
    return f"{text(found, 'metadata', 'uid')}@{text(found, 'metadata', 'resourceVersion')}"


def server_version(kube: Kube, seconds: float = 15.0) -> str:
    """The API server's own version. Raises EnvironmentFault where nobody or something else answers."""
    found = kube.get("/version", seconds=seconds)
    version = text(found, "gitVersion")
    if not version:
        raise EnvironmentFault("what answers is no Kubernetes API server", where=kube.server)
    return one_line(version, 80)


def _read(kube: Kube, kind: str) -> Found:
    wanted = KINDS[kind]
    for version in wanted.versions:
        found = _guarded(kube.list, resource(version, wanted.plural), metadata_only=wanted.metadata_only)
        if found.served:
            found.objects = tuple(kept(one, kind, version) for one in found.objects)
            return found
    return found


def _guarded(read: Callable[..., tuple[Json, ...]], *arguments: Any, **options: Any) -> Found:
    try:
        return Found(read(*arguments, **options))
    except Refusal as refusal:
        return Found(served=False) if refusal.status == 404 else Found(error=one_line(str(refusal), 400))
    except EnvironmentFault as fault:
        return Found(error=one_line(str(fault), 400))


def _config_map(kube: Kube, where: str, called: str) -> Found:
    """One ConfigMap; that it is absent is no error."""
    return _guarded(lambda path: (kube.get(path),), resource("v1", "configmaps", where, called))


def _kyverno_configuration(kube: Kube, pool: ThreadPoolExecutor, deployments: tuple[Json, ...]) -> list[Found]:
    """The ConfigMaps that Kyverno's Deployments name as theirs, whatever release and namespace they have."""
    return list(pool.map(lambda pair: _config_map(kube, *pair), configurations(deployments)))


def configurations(deployments: Iterable[Json]) -> list[tuple[str, str]]:
    """Namespace and name of the ConfigMaps that Kyverno's Deployments name as theirs, at most twenty."""
    return sorted({pair for one in deployments if (pair := _configuration_of(one)) is not None})[:20]


def _configuration_of(deployment: Json) -> tuple[str, str] | None:
    """Namespace and name of a Kyverno Deployment's ConfigMap.

    The variable INIT_CONFIG names it (Kyverno 1.19.1, cmd/internal/config.go); a Deployment whose
    image is called `kyverno` uses `kyverno` where the variable is not set.
    """
    containers = mappings(deployment, "spec", "template", "spec", "containers")
    for container in containers:
        for variable in mappings(container, "env"):
            if variable.get("name") == "INIT_CONFIG" and text(variable, "value"):
                return namespace(deployment), text(variable, "value")
    return (namespace(deployment), "kyverno") if _is_kyverno(deployment) else None


def _is_kyverno(deployment: Json) -> bool:
    """Whether an image of the Deployment is called `kyverno`: its admission controller, whoever built it."""
    containers = mappings(deployment, "spec", "template", "spec", "containers")
    return any(_KYVERNO.search(text(container, "image")) for container in containers)


def _merged(parts: list[Found]) -> Found:
    errors = [part.error for part in parts if part.error]
    objects = tuple(kept(one, "ConfigMap", "v1") for part in parts for one in part.objects if isinstance(one, dict))
    return Found(objects, error=errors[0] if errors else None)


def _uid(namespaces: tuple[Json, ...]) -> str:
    """The uid of kube-system, which stays the same as long as the cluster lives."""
    return next((text(one, "metadata", "uid") for one in namespaces if name(one) == "kube-system"), "")


def _simulated(cluster: Cluster) -> bool:
    if "simulated" in cluster.version:
        return True
    try:
        facts = lab.read(cluster)
    except EnvironmentFault:
        return False
    return facts is not None and facts.backend == "simulated"
