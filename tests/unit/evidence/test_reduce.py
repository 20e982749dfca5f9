"""What is kept of an object."""

from __future__ import annotations

from typing import Any

from grader.evidence.reduce import reduced


def application(look: int) -> dict[str, Any]:
    """An Application after so many looks of Argo CD at it."""
    return {
        "metadata": {
            "name": "platform",
            "resourceVersion": str(look),
            "generation": look,
            "managedFields": [{}] * look,
        },
        "status": {"sync": {"status": "Synced"}, "reconciledAt": f"2026-01-01T00:00:{look:02}Z"},
    }


def test_a_look_of_argo_cd_changes_nothing_of_an_application() -> None:
    assert reduced(application(1), "Application") == reduced(application(2), "Application")


def test_what_is_said_of_an_application_stays() -> None:
    kept = reduced(application(1), "Application")
    assert kept == {"metadata": {"name": "platform"}, "status": {"sync": {"status": "Synced"}}}


def test_an_application_without_a_status_is_kept_as_it_is() -> None:
    assert reduced({"metadata": {"name": "platform"}}, "Application") == {"metadata": {"name": "platform"}}
