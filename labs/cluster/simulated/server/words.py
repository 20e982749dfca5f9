"""Small texts of `kubectl get`: ages, selectors, lists of images."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from labs.cluster.simulated.api.clock import parse

Object = dict[str, Any]


def age(timestamp: Any, now: datetime) -> str:
    """How long ago, as the API server writes it in a table."""
    if not isinstance(timestamp, str):
        return "<unknown>"
    try:
        return duration((now - parse(timestamp)).total_seconds())
    except (ValueError, TypeError):
        return "<unknown>"


def took(start: Any, end: Any, now: datetime) -> str:
    """How long what began at `start` lasted: until `end`, or so far. Empty where it has not begun."""
    if not start:
        return ""
    try:
        return age(start, parse(end) if end else now)
    except (ValueError, TypeError, AttributeError):
        return "<unknown>"


def duration(length: float) -> str:
    """Seconds in two significant units (k8s.io/apimachinery `pkg/util/duration`, HumanDuration)."""
    seconds = int(length)
    if seconds < -1:
        return "<invalid>"
    if seconds < 120:
        return f"{max(seconds, 0)}s"
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if minutes < 10:
        return _pair(minutes, "m", seconds % 60, "s")
    if minutes < 180:
        return f"{minutes}m"
    if hours < 8:
        return _pair(hours, "h", minutes % 60, "m")
    if hours < 48:
        return f"{hours}h"
    if hours < 192:
        return _pair(days, "d", hours % 24, "h")
    if days < 730:
        return f"{days}d"
    return _pair(days // 365, "y", days % 365, "d") if days < 2920 else f"{days // 365}y"


def _pair(large: int, unit: str, small: int, below: str) -> str:
    return f"{large}{unit}{small}{below}" if small else f"{large}{unit}"


def selector(value: Any) -> str:
    """A LabelSelector, or a plain map of labels, in the short form."""
    if not isinstance(value, dict) or not value:
        return "<none>"
    plain = value.get("matchLabels", {}) if value.keys() & {"matchLabels", "matchExpressions"} else value
    parts = [f"{key}={text}" for key, text in sorted(plain.items())]
    expressions = value.get("matchExpressions")
    parts += [_expression(one) for one in expressions] if isinstance(expressions, list) else []
    return ",".join(parts) or "<none>"


def _expression(one: Object) -> str:
    key, values = one["key"], ",".join(one.get("values") or ())
    texts = {"Exists": key, "DoesNotExist": f"!{key}", "In": f"{key} in ({values})", "NotIn": f"{key} notin ({values})"}
    return str(texts.get(one["operator"], key))


def containers(template: Object) -> tuple[str, str]:
    """Names and images of a template's containers, each joined by commas."""
    found = (template.get("spec") or {}).get("containers") or []
    return ",".join(c.get("name", "") for c in found), ",".join(c.get("image", "") for c in found)
