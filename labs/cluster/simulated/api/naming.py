"""What the API server asks of names, labels, annotations and keys.

Source: k8s.io/apimachinery v0.35 `pkg/util/validation`, `pkg/api/validate/content` (IsLabelKey) and
`pkg/api/validation/objectmeta.go`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from labs.cluster.simulated.api.errors import Cause, invalid_value
from labs.cluster.simulated.api.resource import Resource

Object = dict[str, Any]

LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = rf"{LABEL}(\.{LABEL})*"
LABEL_WORDS = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with "
    f"an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '{LABEL}')"
)
_SUBDOMAIN_WORDS = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and "
    f"end with an alphanumeric character (e.g. 'example.com', regex used for validation is '{_SUBDOMAIN}')"
)
_LABELLED = ("namespaces", "services")  # kinds whose names are labels
_LABEL_VALUE = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?\Z")
_LABEL_VALUE_WORDS = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and "
    "end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
    "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)
_KEY = r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_KEY_WORDS = (
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "
    f"(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '{_KEY}')"
)
_DATA_KEY = "[-._a-zA-Z0-9]+"
_DATA_KEY_WORDS = (
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' "
    f"(e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '{_DATA_KEY}')"
)


def metadata(value: Object, old: Object | None, resource: Resource) -> Iterator[Cause]:
    """Faults of the name of a new object, and of labels and annotations where they change."""
    new, before = value["metadata"], (old or {}).get("metadata") or {}
    if old is None:
        yield from _name(new.get("name", ""), resource)
    labels, annotations = new.get("labels") or {}, new.get("annotations") or {}
    if labels != before.get("labels"):
        yield from _labels(labels)
    if annotations != before.get("annotations"):
        for key in annotations:
            yield from _qualified("metadata.annotations", key, key.lower())


def data_key(field: str, key: str) -> Iterator[Cause]:
    """Faults of a key of a ConfigMap or Secret."""
    if len(key) > 253:
        yield invalid_value(field, key, "must be no more than 253 characters")
    if not re.fullmatch(_DATA_KEY, key):
        yield invalid_value(field, key, _DATA_KEY_WORDS)
    if key == "." or key.startswith(".."):
        said = f"must not {'be' if key in ('.', '..') else 'start with'} '{key if key == '.' else '..'}'"
        yield invalid_value(field, key, said)


def _name(name: str, resource: Resource) -> Iterator[Cause]:
    label = resource.plural in _LABELLED and not resource.group
    pattern, words, most = (LABEL, LABEL_WORDS, 63) if label else (_SUBDOMAIN, _SUBDOMAIN_WORDS, 253)
    if len(name) > most:
        yield invalid_value("metadata.name", name, f"must be no more than {most} bytes")
    elif not re.fullmatch(pattern, name):
        yield invalid_value("metadata.name", name, words)


def _labels(labels: Object) -> Iterator[Cause]:
    for key, text in labels.items():
        yield from _qualified("metadata.labels", key, key)
        if len(str(text)) > 63:
            yield invalid_value("metadata.labels", text, "must be no more than 63 bytes")
        if not _LABEL_VALUE.match(str(text)):
            yield invalid_value("metadata.labels", text, _LABEL_VALUE_WORDS)


def _qualified(field: str, key: str, judged: str) -> Iterator[Cause]:
    """Faults of a key: a name, and before it, with a slash between, a subdomain. `judged` is what is looked at."""
    prefix, slash, name = judged.rpartition("/")
    if "/" in prefix:
        rest = " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
        yield invalid_value(field, key, f"a valid label key {_KEY_WORDS}{rest}")
        return
    if slash and not prefix:
        yield invalid_value(field, key, "prefix part must be non-empty")
    elif slash and (len(prefix) > 253 or not re.fullmatch(_SUBDOMAIN, prefix)):
        words = "must be no more than 253 bytes" if len(prefix) > 253 else _SUBDOMAIN_WORDS
        yield invalid_value(field, key, f"prefix part {words}")
    if not name or len(name) > 63:
        words = "must be no more than 63 bytes" if name else "must be non-empty"
        yield invalid_value(field, key, f"name part {words}")
    if not re.fullmatch(_KEY, name):
        yield invalid_value(field, key, f"name part {_KEY_WORDS}")
