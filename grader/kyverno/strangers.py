"""Certificates that a policy brings along, in a lab that has none of them: they vouch for no signature there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from grader.kyverno.trust import Known


def among(values: Iterable[object], known: Known) -> Known:
    """What is known in a lab whose own authorities and logs `known` names: everything else in `values` is a
    stranger's, which none of the samples was signed by."""
    texts = "\n".join(text for value in values for text in _pem(value))
    return replace(known, roots={**known.roots, "stranger": texts}, complete=True)


def _pem(value: object) -> Iterator[str]:
    if isinstance(value, str):
        if "-----BEGIN" in value:
            yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _pem(one)
    elif isinstance(value, list):
        for one in value:
            yield from _pem(one)
