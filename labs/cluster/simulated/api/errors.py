"""Refusals as Kubernetes gives them: a Status object with code, reason, message and details.

The texts follow k8s.io/apimachinery v0.35 `pkg/api/errors` and `pkg/util/validation/field`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Object = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Cause:
    """One fault of a field: `type` as in a Status (`FieldValueInvalid`…), where, and in words."""

    type: str
    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.field}: {self.message}"

    def json(self) -> Object:
        """The cause as it stands in `details.causes`."""
        return {"reason": self.type, "message": self.message, "field": self.field}


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def invalid_value(field: str, value: Any, detail: str) -> Cause:
    """A value that is not allowed there."""
    return Cause("FieldValueInvalid", field, f"Invalid value: {_shown(value)}: {detail}")


def required(field: str, detail: str = "") -> Cause:
    """A field that must be there."""
    return Cause("FieldValueRequired", field, "Required value" + (f": {detail}" if detail else ""))


def forbidden_value(field: str, detail: str) -> Cause:
    """A field that may not be set or changed."""
    return Cause("FieldValueForbidden", field, f"Forbidden: {detail}")


def not_found_value(field: str, value: Any) -> Cause:
    """A value that names what is not there."""
    return Cause("FieldValueNotFound", field, f"Not found: {_shown(value)}")


def not_supported(field: str, value: Any, allowed: Sequence[Any]) -> Cause:
    """A value that is not one of a list."""
    names = ", ".join(json.dumps(item if isinstance(item, str) else json.dumps(item)) for item in allowed)
    return Cause("FieldValueNotSupported", field, f"Unsupported value: {_shown(value)}: supported values: {names}")


class ApiError(Exception):
    """A refused request."""

    def __init__(self, code: int, reason: str, message: str, details: Object | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details

    def status(self) -> Object:
        """The Status object that answers the request."""
        status: Object = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
        }
        if self.reason:
            status["reason"] = self.reason
        if self.details:
            status["details"] = self.details
        return {**status, "code": self.code}


def _qualified(group: str, word: str) -> str:
    return f"{word}.{group}" if group else word


def _details(group: str, kind: str, name: str = "") -> Object:
    return {key: value for key, value in (("name", name), ("group", group), ("kind", kind)) if value}


def not_found(group: str, plural: str, name: str) -> ApiError:
    """404: no object of that name."""
    return ApiError(404, "NotFound", f'{_qualified(group, plural)} "{name}" not found', _details(group, plural, name))


def no_such_path() -> ApiError:
    """404: nothing is served there."""
    return ApiError(404, "NotFound", "the server could not find the requested resource", {})


def already_exists(group: str, plural: str, name: str) -> ApiError:
    """409: the name is taken."""
    return ApiError(
        409, "AlreadyExists", f'{_qualified(group, plural)} "{name}" already exists', _details(group, plural, name)
    )


def conflict(group: str, plural: str, name: str, why: str) -> ApiError:
    """409: the object is not as the client believes."""
    message = f'Operation cannot be fulfilled on {_qualified(group, plural)} "{name}": {why}'
    return ApiError(409, "Conflict", message, _details(group, plural, name))


def modified(group: str, plural: str, name: str) -> ApiError:
    """409: somebody else wrote in between."""
    why = "the object has been modified; please apply your changes to the latest version and try again"
    return conflict(group, plural, name, why)


def apply_conflict(causes: Sequence[Cause], message: str) -> ApiError:
    """409: another manager owns fields that were applied."""
    return ApiError(409, "Conflict", message, {"causes": [cause.json() for cause in causes]})


def invalid(group: str, kind: str, name: str, causes: Sequence[Cause]) -> ApiError:
    """422: fields have wrong values."""
    texts = list(dict.fromkeys(str(cause) for cause in causes))
    joined = texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
    details = {**_details(group, kind, name), "causes": [cause.json() for cause in causes]}
    return ApiError(422, "Invalid", f'{_qualified(group, kind)} "{name}" is invalid: {joined}', details)


def bad_request(message: str) -> ApiError:
    """400: the request cannot be understood."""
    return ApiError(400, "BadRequest", message)


def forbidden(group: str, plural: str, name: str, why: str) -> ApiError:
    """403: not allowed to this user, or not in this state."""
    named = f'{_qualified(group, plural)} "{name}"' if name else _qualified(group, plural)
    return ApiError(403, "Forbidden", f"{named} is forbidden: {why}", _details(group, plural, name))


def unauthorized() -> ApiError:
    """401: who asks is not known."""
    return ApiError(401, "Unauthorized", "Unauthorized")


def expired(message: str) -> ApiError:
    """410: a resource version that is no longer kept."""
    return ApiError(410, "Expired", message)


def method_not_allowed() -> ApiError:
    """405: the verb is not served there."""
    return ApiError(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", {})


def unsupported_media_type(accepted: Sequence[str]) -> ApiError:
    """415: the body's type is not understood."""
    message = f"the body of the request was in an unknown format - accepted media types include: {', '.join(accepted)}"
    return ApiError(415, "UnsupportedMediaType", message, {})


def denied(webhook: str, explanation: str) -> ApiError:
    """400 without a reason: an admission webhook said no (k8s.io/apiserver `webhook/errors/statuserror.go`)."""
    return ApiError(400, "", f'admission webhook "{webhook}" denied the request: {explanation}')
