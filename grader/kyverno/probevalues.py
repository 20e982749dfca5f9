"""The values of a probe, each checked; what is none is refused with its line and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from grader.errors import InputError
from grader.kyverno.place import Place
from grader.kyverno.references import parse
from grader.text import one_line, quoted

_LABEL = r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
_NAMESPACE = re.compile(_LABEL)
_OBJECT = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(\.{_LABEL})*")
_DIGEST = re.compile(r"[a-z0-9]+([+._-][a-z0-9]+)*:[0-9a-fA-F]+")
_ACCOUNT = "system:serviceaccount:"
_USER = re.compile(rf"(?!{_ACCOUNT})\S(.*\S)?|{_ACCOUNT}{_LABEL}:{_OBJECT.pattern}")


class Values:
    """One mapping's values. Every method raises InputError with the line of a value that is none of its kind."""

    def __init__(self, value: Any, known: tuple[str, ...], place: Place, what: str) -> None:
        """`known` are the keys that `what` may have."""
        if not isinstance(value, dict):
            raise InputError(f"{what} is a mapping", where=str(place), advice=f"Its keys are {', '.join(known)}.")
        for key in value:
            if key not in known:
                advice = f"It knows: {', '.join(known)}."
                raise InputError(f"{what} has no key {quoted(key)}", where=str(place.at(key)), advice=advice)
        self.value: Mapping[str, Any] = value
        self.place = place

    def text(self, key: str, default: str | None = None) -> str:
        """A text; without `default` it must be there."""
        if key not in self.value:
            if default is None:
                raise InputError(f"{key} is missing", where=str(self.place), advice=f"Add {key}: and a text.")
            return default
        advice = "Put a number or a word such as yes between quotes."
        if self.value[key] is None:
            advice = "Nothing stands after the colon: give the value, or delete the line."
        return str(self._typed(key, self.value[key], lambda value: isinstance(value, str), "text", advice))

    def name(self) -> str:
        """`name`: at least one letter that can be seen."""
        found = self.text("name")
        if not one_line(found):
            raise self.wrong("name", "name is empty", "Give every probe a name of its own.")
        return found

    def namespace(self) -> str:
        """`namespace`: a label by RFC 1123, as Kubernetes has it."""
        found = self.text("namespace", "default")
        advice = "Write small letters, digits and dashes, 63 at most, as in crossplane-system."
        return self._fitting("namespace", found, _NAMESPACE, "is no name of a namespace", advice)

    def object(self) -> str:
        """`object`: a DNS subdomain by RFC 1123, as Kubernetes has it."""
        found = self.text("object", "probe")
        advice = "Write small letters, digits, dashes and dots, 253 at most, as in provider-k3x9."
        return self._fitting("object", found, _OBJECT, "is no name of an object", advice)

    def user(self) -> str:
        """`as`: a name that `request.identity` knows."""
        found = self.text("as", "administrator")
        advice = "Write administrator, crossplane, system:serviceaccount:NAMESPACE:NAME or a user's name."
        return self._fitting("as", found, _USER, "names nobody", advice)

    def image(self) -> str:
        """`image`: a reference that Kyverno can read."""
        found = self.text("image")
        if parse(found) is None:
            advice = "Write it as in cgr.dev/chainguard/provider-k3x9:v1.4.2; a digest has 64 hexadecimal digits."
            raise self.wrong("image", f"image {quoted(found)} is no image reference", advice)
        return found

    def digest(self, default: str) -> str:
        """`digest`: an algorithm and hexadecimal digits."""
        found = self.text("digest", default)
        advice = "Write sha256: and its hexadecimal digits, or leave it out."
        return self._fitting("digest", found, _DIGEST, "is no digest", advice)

    def formats(self) -> frozenset[str]:
        """`formats`: in which of them a signature is there, by default cosign's."""
        found = self.list("formats") if "formats" in self.value else ["cosign"]
        if not found or not all(isinstance(one, str) and one in ("cosign", "bundle") for one in found):
            raise self.wrong("formats", "formats are cosign and bundle", "Write one of them in the list, or both.")
        return frozenset(found)

    def choice(self, key: str, allowed: tuple[str, ...], default: str | None = None) -> str:
        """One of `allowed`, by default the first. `yes` and `no` are booleans in YAML: they are read as words."""
        if key not in self.value:
            return allowed[0] if default is None else default
        found = self.value[key]
        word = {True: "yes", False: "no"}[found] if isinstance(found, bool) else found
        return str(self._typed(key, word, lambda value: value in allowed, f"one of {', '.join(allowed)}"))

    def list(self, key: str) -> list[Any]:
        """A list, by default empty."""
        found: list[Any] = self._typed(key, self.value.get(key, []), lambda value: isinstance(value, list), "a list")
        return found

    def strings(self, key: str) -> dict[str, str]:
        """A mapping of texts, by default empty."""
        found: dict[str, str] = self._typed(key, self.value.get(key, {}), _is_strings, "a mapping of texts")
        return found

    def wrong(self, key: str, message: str, advice: str | None = None) -> InputError:
        """The error for the value of `key`."""
        return InputError(message, where=str(self.place.at(key)), advice=advice)

    def _fitting(self, key: str, found: str, pattern: re.Pattern[str], but: str, advice: str) -> str:
        if not pattern.fullmatch(found):
            raise self.wrong(key, f"{key} {quoted(found)} {but}", advice)
        return found

    def _typed(self, key: str, value: Any, fits: Callable[[Any], bool], what: str, advice: str | None = None) -> Any:
        if not fits(value):
            raise self.wrong(key, f"{key} must be {what}", advice)
        return value


def _is_strings(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(one, str) for one in value.values())
