"""Whether a live policy still is what its file says: the API server may only have added defaults."""

from __future__ import annotations

from typing import Any

from grader.checks.objects import mapping
from grader.kyverno import oracle
from grader.kyverno.review import PolicyReview
from grader.manifest import Document, Path


def difference(written: Document, live: Any) -> Path | None:
    """The first place in `spec` or `metadata.annotations` where `live` is not what was written, or None.

    Both are read as the API server reads them, with the same defaults put in. Where the model
    cannot read one of them, `live` must hold all that was written.
    """
    for path in (("spec",), ("metadata", "annotations")):
        wanted, found = _at(written.value, path), _at(live, path)
        place = lacking(wanted, found, path)
        if place is not None:
            return place
    ours, theirs = _reviewed(written), _reviewed(Document(live))
    if ours is None or theirs is None or ours.policy is None or theirs.policy is None:
        return None
    return lacking(theirs.policy.spec, ours.policy.spec, ("spec",))


def _at(value: Any, path: Path) -> Any:
    for step in path:
        value = mapping(value).get(str(step))
    return value


def _reviewed(document: Document) -> PolicyReview | None:
    return next(iter(oracle.review([document])), None)


def lacking(wanted: Any, found: Any, path: Path = ()) -> Path | None:
    """The first place where `found` lacks something of `wanted`, or None where it holds it all.

    Lists must be alike item by item: one more rule in the cluster is a difference. What is null or
    empty may be missing.
    """
    if isinstance(wanted, dict) and isinstance(found, dict):
        pairs = ((key, value, found.get(key)) for key, value in wanted.items())
    elif isinstance(wanted, list) and isinstance(found, list):
        if len(wanted) != len(found):
            return path
        pairs = ((index, one, other) for index, (one, other) in enumerate(zip(wanted, found, strict=True)))
    else:
        return None if _same(wanted, found) else path
    places = (lacking(one, other, (*path, key)) for key, one, other in pairs)
    return next((place for place in places if place is not None), None)


def _same(wanted: Any, found: Any) -> bool:
    if wanted is None or (wanted in ({}, [], "") and found is None):
        return True
    numbers = all(isinstance(one, int | float) and not isinstance(one, bool) for one in (wanted, found))
    return bool(wanted == found and (numbers or type(wanted) is type(found)))
