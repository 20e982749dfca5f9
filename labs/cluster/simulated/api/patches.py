"""JSON patch (RFC 6902) and JSON merge patch (RFC 7386), refused in the API's words."""

from __future__ import annotations

from typing import Any

from grader.evidence import patching
from grader.evidence.patching import PatchFault, merge
from labs.cluster.simulated.api.errors import ApiError, bad_request

OPERATIONS = 10_000  # k8s.io/apiserver `pkg/endpoints/handlers/patch.go`, maxJSONPatchOperations
_FAILED = "the server rejected our request due to an error in our request"
__all__ = ["OPERATIONS", "apply", "merge"]


def apply(target: Any, operations: Any) -> Any:
    """`target` with a JSON patch. Raises ApiError: 400 for a patch that is none, 422 where it does not fit."""
    if not isinstance(operations, list) or not all(isinstance(one, dict) for one in operations):
        raise bad_request("error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch")
    if len(operations) > OPERATIONS:
        message = f"The allowed maximum operations in a JSON patch is {OPERATIONS}, got {len(operations)}"
        raise ApiError(413, "RequestEntityTooLarge", message)
    try:
        return patching.apply(target, operations)
    except PatchFault:
        raise ApiError(422, "Invalid", _FAILED, {}) from None
