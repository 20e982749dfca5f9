"""What the answers to probes rest on: while it stays the same, so do they."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from grader.collect import worth_asking
from grader.course import Exercise
from grader.evidence import canary
from grader.evidence.cluster import admission_replicas
from grader.evidence.dig import dig, mapping, mappings, name, namespace, text
from grader.evidence.model import Cluster, Evidence, Json

_POLICIES = ("ClusterPolicy", "Policy", "ImageValidatingPolicy")
_HOOKS = ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration")
_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def mark(evidence: Evidence, exercise: Exercise) -> str:
    """Names the state of policies, webhooks, namespaces, Kyverno and samples; empty where nothing is to be asked."""
    cluster = evidence.cluster
    if cluster is None or not exercise.probes or not worth_asking(evidence, exercise):
        return ""
    return hashlib.sha256(json.dumps(list(_parts(cluster)), sort_keys=True, default=str).encode()).hexdigest()


def _parts(cluster: Cluster) -> Iterator[Json]:
    for kind in _POLICIES:
        yield [_policy(one) for one in cluster.all(kind) if name(one) != canary.NAME]
    for kind in _HOOKS:
        yield [[name(one), mappings(one, "webhooks")] for one in cluster.all(kind)]
    yield [[name(one), dict(mapping(one, "metadata", "labels"))] for one in cluster.all("Namespace")]
    yield [[namespace(one), name(one), dict(mapping(one, "data"))] for one in cluster.all("ConfigMap")]
    yield admission_replicas(cluster)


def _policy(found: Json) -> list[Any]:
    """What decides of a policy: its spec, how it is annotated, and whether Kyverno has taken it in."""
    annotations = {key: one for key, one in mapping(found, "metadata", "annotations").items() if key != _APPLIED}
    ready = [one.get("status") for one in mappings(found, "status", "conditions") if one.get("type") == "Ready"]
    metadata = [text(found, "metadata", key) for key in ("namespace", "name", "uid", "deletionTimestamp")]
    return [*metadata, dig(found, "metadata", "generation"), found.get("spec"), annotations, ready]
