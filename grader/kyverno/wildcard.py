"""Kyverno's wildcards: `*` any run of characters, `?` exactly one; nothing else is special.

Source: Kyverno 1.19.1 ext/wildcard/match.go, which is github.com/IGLOU-EU/go-wildcard v1.0.3.
`*` also takes in `/`, `:` and `@`; letters keep their case; an empty pattern matches only the empty text.
"""

from __future__ import annotations

from collections.abc import Iterable


def contains(text: str) -> bool:
    """Whether `text` holds a wildcard at all (ext/wildcard/utils.go ContainsWildcard)."""
    return "*" in text or "?" in text


def match(pattern: str, text: str) -> bool:
    """Whether the whole of `text` matches `pattern`. Takes at most len(pattern) * len(text) steps."""
    if not contains(pattern):
        return pattern == text
    if pattern.find("*") == len(pattern) - 1 and "?" not in pattern:
        return text.startswith(pattern[:-1])
    return _search(pattern, text)


def match_any(patterns: Iterable[str], text: str) -> bool:
    """Whether one of `patterns` matches."""
    return any(match(pattern, text) for pattern in patterns)


def _search(pattern: str, text: str) -> bool:
    """Greedy matching that goes back only to the last `*`: an earlier one never has to take more."""
    p = t = 0
    star, resume = -1, 0
    while t < len(text):
        here = pattern[p] if p < len(pattern) else None
        if here == "*":
            star, resume = p, t
            p += 1
        elif here is not None and here in ("?", text[t]):
            p += 1
            t += 1
        elif star >= 0:
            resume += 1
            p, t = star + 1, resume
        else:
            return False
    return not pattern[p:].strip("*")
