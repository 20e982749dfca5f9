"""Evidence as a file: JSON, bounded, and believed in nothing when it is read back.

The file is `{"schema": "platform-labs/evidence/v1", "evidence": {…}}`; the content of repository
files is base64 with the URL-safe alphabet (RFC 4648, section 5).
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from grader import files
from grader.errors import InputError
from grader.evidence.model import SCHEMA, Evidence
from grader.text import one_line, quoted

_MEBIBYTES = 64
MAX_BYTES = _MEBIBYTES << 20


class _Envelope(BaseModel):
    """The file's outer mapping. Its strictness holds for all the dataclasses within it."""

    model_config = ConfigDict(
        strict=True, extra="forbid", ser_json_bytes="base64", val_json_bytes="base64", serialize_by_alias=True
    )
    format: Literal["platform-labs/evidence/v1"] = Field(alias="schema")
    evidence: Evidence


def write(evidence: Evidence, path: Path) -> None:
    """Writes evidence; the file is there whole or not at all, readable by its owner alone.

    Raises EnvironmentFault where it cannot be written, InputError for more than 64 MiB.
    """
    data = _dumped(evidence)
    if len(data) > MAX_BYTES:
        raise InputError(f"the evidence is larger than {_MEBIBYTES} MiB", where=str(path))
    files.replace(path, data, 0o600)


def read(path: Path) -> Evidence:
    """Reads evidence back, whoever wrote it.

    Raises InputError with the place: no such file, too large, not JSON, not of this schema, a
    value of another type.
    """
    return parse(files.read(path, _MEBIBYTES), str(path))


def parse(data: bytes, name: str = "evidence") -> Evidence:
    """Evidence out of JSON text. Raises InputError as `read` does."""
    try:
        return _Envelope.model_validate_json(data).evidence
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = "".join(f"[{part}]" if isinstance(part, int) else f".{one_line(part, 80)}" for part in first["loc"])
        what = f"{place.lstrip('.')}: {one_line(first['msg'], 200)}" if place else one_line(first["msg"], 200)
        advice = f"Collect it with this version of the grader, whose schema is {SCHEMA}."
        raise InputError(f"is not the evidence of a grading: {what}", where=name, advice=advice) from None


def digest(evidence: Evidence) -> str:
    """SHA-256 of the evidence, as lower-case hexadecimal: the same before writing and after reading."""
    return hashlib.sha256(_dumped(evidence)).hexdigest()


def _dumped(evidence: Evidence) -> bytes:
    envelope = _Envelope.model_construct(format=SCHEMA, evidence=evidence)
    try:
        return envelope.model_dump_json().encode()
    except ValueError as error:
        raise InputError(f"the evidence holds what JSON cannot: {quoted(str(error))}") from None
