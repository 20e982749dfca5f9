"""Where a report comes from: the hashes and versions that let another grading be compared with it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import grader
from grader.checks.versions import component_versions
from grader.course import Course, Module
from grader.evidence.model import Evidence
from grader.evidence.store import digest
from grader.text import one_line


def provenance(module: Module, evidence: Evidence) -> dict[str, Any]:
    """Hashes of course, commit and evidence, the grader's version, and the versions seen.

    `course` is the SHA-256 of the course that judged; `evidence.course`, where it differs, is
    the one that the evidence was collected for. What was not seen is None.
    """
    cluster = evidence.cluster
    return {
        "grader": grader.__version__,
        "course": _course_digest(module.folder.parent.parent),
        "collected_for": evidence.course or None,
        "commit": evidence.repository.commit if evidence.repository else None,
        "evidence": digest(evidence),
        "collected_at": one_line(evidence.collected_at),
        "collected_by": one_line(evidence.grader),
        "cluster": one_line(cluster.uid) if cluster else None,
        "simulated": cluster.simulated if cluster else False,
        "versions": component_versions(cluster) if cluster else {},
    }


@lru_cache(maxsize=8)
def _course_digest(folder: Path) -> str:
    return Course(folder).digest
