"""What a lab published about itself: where its parts are, and which sample images it holds."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from grader.errors import EnvironmentFault
from grader.evidence.model import Cluster
from grader.text import one_line, quoted

SCHEMA = "platform-labs/lab/v1"
NAMESPACE = NAME = "platform-labs"
KEY = "lab.json"
WHERE = f"ConfigMap/{NAMESPACE}/{NAME}"

_MAX_TEXT = 1 << 18
_MAX_SAMPLES = 100
_LABEL = r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
_PATTERNS = {
    "namespace": re.compile(_LABEL),
    "name": re.compile(rf"{_LABEL}(\.{_LABEL})*"),
    "registry": re.compile(r"[A-Za-z0-9.-]{1,253}(:\d{1,5})?"),
    "image": re.compile(r"[A-Za-z0-9.:-]{1,260}(/[a-z0-9]+([._-]+[a-z0-9]+)*){1,10}"),
    "tag": re.compile(r"\w[\w.-]{0,127}", re.ASCII),
    "digest": re.compile(r"sha256:[0-9a-f]{64}"),
    "word": re.compile(r"[a-z0-9]+(-[a-z0-9]+)*"),
    "text": re.compile(r"[ -~]{0,1000}"),
}


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample image: its repository, a tag, the digest of what the tag stands for, how it is signed."""

    image: str
    tag: str
    digest: str
    signature: str = ""

    def reference(self, by: Literal["tag", "digest"]) -> str:
        """What a Pod names to run it."""
        return f"{self.image}:{self.tag}" if by == "tag" else f"{self.image}@{self.digest}"


@dataclass(frozen=True, slots=True)
class LabFacts:
    """A lab as it describes itself. `backend` is `kind`, `simulated` or another's own word.

    `application` is (namespace, name) of the Argo CD Application over the exercise's folder.
    """

    name: str
    backend: str
    registry: str
    remote: str
    application: tuple[str, str]
    canary_namespace: str
    samples: Mapping[str, Sample] = field(default_factory=dict)


def read(cluster: Cluster) -> LabFacts | None:
    """The lab's facts, or None in a cluster that is no lab.

    Raises EnvironmentFault where the ConfigMap is there and cannot be understood.
    """
    found = cluster.get("ConfigMap", NAME, NAMESPACE)
    if found is None:
        return None
    data = found.get("data")
    return parsed(data.get(KEY) if isinstance(data, Mapping) else None)


def parsed(text: object) -> LabFacts:
    """The facts in the ConfigMap's text. Raises EnvironmentFault where they cannot be understood."""
    if not isinstance(text, str) or len(text) > _MAX_TEXT:
        raise _fault(f"{KEY} is missing or too large")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise _fault(f"{KEY} is not JSON") from None
    if not isinstance(value, dict) or value.get("schema") != SCHEMA:
        raise _fault(f"its schema is not {SCHEMA}")
    return _facts(value)


def _facts(value: Mapping[str, Any]) -> LabFacts:
    application, samples = _mapping(value, "application"), _mapping(value, "samples")
    if len(samples) > _MAX_SAMPLES:
        raise _fault(f"more than {_MAX_SAMPLES} samples")
    return LabFacts(
        name=_text(value, "name", "text"),
        backend=_text(value, "backend", "word"),
        registry=_text(value, "registry", "registry"),
        remote=_text(value, "remote", "text"),
        application=(_text(application, "namespace", "namespace"), _text(application, "name", "name")),
        canary_namespace=_text(_mapping(value, "canary"), "namespace", "namespace"),
        samples={_checked(name, name, "word"): _sample(samples, name) for name in samples},
    )


def _sample(samples: Mapping[str, Any], name: str) -> Sample:
    found = _mapping(samples, name)
    signature = found.get("signature", "")
    return Sample(
        image=_text(found, "image", "image"),
        tag=_text(found, "tag", "tag"),
        digest=_text(found, "digest", "digest"),
        signature=_checked(signature, "signature", "text"),
    )


def _mapping(value: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = value.get(key)
    if not isinstance(found, dict):
        raise _fault(f"{quoted(key, 60)} is missing or no mapping")
    return found


def _text(value: Mapping[str, Any], key: str, pattern: str) -> str:
    return _checked(value.get(key), key, pattern)


def _checked(found: Any, key: str, pattern: str) -> str:
    if not isinstance(found, str) or not _PATTERNS[pattern].fullmatch(found):
        raise _fault(f"{quoted(key, 60)} is {quoted(str(found), 60)}")
    return found


def _fault(message: str) -> EnvironmentFault:
    return EnvironmentFault(
        f"what the lab says of itself cannot be read: {one_line(message)}",
        where=WHERE,
        advice="`labs up` writes it anew.",
    )
