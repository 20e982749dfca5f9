"""What stands around a policy's `spec`: apiVersion, kind and metadata.

Source: k8s.io/apimachinery 1.35 pkg/apis/meta/v1/types.go (ObjectMeta), pkg/util/validation (names);
k8s.io/apiserver pkg/registry/rest/meta.go: the namespace of a cluster-scoped object is silently left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from grader.kyverno import spelling
from grader.kyverno.place import Place
from grader.kyverno.problem import Problem, problem
from grader.kyverno.selectors import LABEL_VALUE
from grader.kyverno.shapes import SPECS
from grader.kyverno.types import json_type, shape
from grader.text import quoted

KINDS = ("ClusterPolicy", "Policy")
_TOP = ("apiVersion", "kind", "metadata", "spec", "status")
_WRITTEN = ("name", "namespace", "labels", "annotations")
_METADATA = (
    "name", "generateName", "namespace", "selfLink", "uid", "resourceVersion", "generation", "creationTimestamp",
    "deletionTimestamp", "deletionGracePeriodSeconds", "labels", "annotations", "ownerReferences", "finalizers",
    "managedFields",
)  # fmt: skip
_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")


def concerns(value: Any) -> bool:
    """Whether an object is a policy of kyverno.io: a ClusterPolicy or a Policy of any version."""
    if not isinstance(value, dict) or value.get("kind") not in KINDS:
        return False
    return str(value.get("apiVersion")).partition("/")[0] == "kyverno.io"


def version_problem(place: Place) -> Problem | None:
    """A version of kyverno.io that the cluster does not serve."""
    value = place.value
    version = str(value["apiVersion"]).partition("/")[2]
    if version in SPECS:
        return None
    reason = f'no matches for kind "{value["kind"]}" in version {quoted(str(value["apiVersion"]))}'
    return problem(reason, place.at("apiVersion"), "Write kyverno.io/v1.")


def unknown_fields(place: Place) -> list[Problem]:
    """Fields beside `spec`, and in `metadata`, that do not exist."""
    value = place.value
    found = [place.at(key) for key in value if key not in _TOP]
    metadata = value.get("metadata")
    if isinstance(metadata, dict):
        found += [place.at("metadata", key) for key in metadata if key not in _METADATA]
    return [problem(f'unknown field "{here.field}"', here, _top_repair(here)) for here in found]


def _top_repair(place: Place) -> str:
    name = str(place.path[-1])
    owner = Place(place.document, place.path[:-1], place.root).value
    inside = len(place.path) - place.root > 1
    meant = spelling.nearest(name, _WRITTEN if inside else _TOP)
    if meant and meant not in owner:
        return spelling.write(meant, name)
    if inside:
        return "metadata knows name, labels and annotations: move it there, or delete it."
    if name in _WRITTEN:
        return f"{name} belongs inside metadata: indent it below that line."
    if name in shape(SPECS["v1"]).fields:
        return f"{quoted(name)} belongs inside spec: indent it below that line."
    return f"A policy has apiVersion, kind, metadata and spec, and no {quoted(name)}: delete it."


def metadata_problems(place: Place) -> list[Problem]:
    """What is wrong with `metadata` itself."""
    metadata = place.value.get("metadata")
    here = place.at("metadata")
    if not isinstance(metadata, dict):
        return [
            problem("metadata.name: Required value: name or generateName is required", here, "Give the policy a name.")
        ]
    found = [fault for key in ("labels", "annotations") for fault in _strings(metadata.get(key), here.at(key))]
    found += _label_values(metadata.get("labels"), here.at("labels"))
    name = metadata.get("name")
    if not isinstance(name, str) or not name:
        found.append(
            problem("metadata.name: Required value: name or generateName is required", here, "Give the policy a name.")
        )
    elif not _NAME.fullmatch(name) or len(name) > 253:
        reason = f'metadata.name: Invalid value: "{name}": a lowercase RFC 1123 subdomain must consist of lower case'
        reason += " alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character"
        found.append(problem(reason, here.at("name"), "Write the name in small letters, digits and dashes."))
    return found


def _strings(values: Any, place: Place) -> list[Problem]:
    if values is None:
        return []
    if not isinstance(values, dict):
        return [problem(f"{place.field}: must be a mapping of strings", place, "Write it as `key: value` lines.")]
    return [
        problem(
            f"{place.at(key).field}: cannot unmarshal {json_type(value)} into a string",
            place.at(key),
            'Put the value in quotes: "…".',
        )
        for key, value in values.items()
        if not isinstance(value, str)
    ]


def _label_values(labels: Any, place: Place) -> list[Problem]:
    if not isinstance(labels, Mapping):
        return []
    return [
        problem(
            f'metadata.labels: Invalid value: "{value}": a valid label must be an empty string or consist of'
            " alphanumeric characters, '-', '_' or '.'",
            place.at(key),
            "Shorten it to 63 letters, digits, dashes, underscores and dots, or make it an annotation.",
        )
        for key, value in labels.items()
        if isinstance(value, str) and (not LABEL_VALUE.fullmatch(value) or len(value) > 63)
    ]
