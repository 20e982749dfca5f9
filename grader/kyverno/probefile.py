"""Probes read from YAML: a list, one mapping a probe.

```yaml
- name: signed
  kind: Pod                        # or Deployment
  namespace: crossplane-system
  image: cgr.dev/chainguard/provider-k3x9:v1.4.2
  where: containers                # or initContainers, ephemeralContainers
  as: administrator                # or crossplane, system:serviceaccount:NAMESPACE:NAME, a user's name
  operation: CREATE                # default: UPDATE for ephemeralContainers
  digest: sha256:…                 # of the image's manifest
  signatures:
  - {subject: …, issuer: …, authority: lab, log: yes, digest: same}
```
Further keys: `object` (its name), `labels`, `annotations`, `namespaceLabels`, `beside` (more images of the Pod:
`image`, `where`, `digest`, `signatures`), and in a signature `formats` (of `cosign`, `bundle`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from grader.errors import InputError, ManifestError
from grader.kyverno import request
from grader.kyverno.place import Place
from grader.kyverno.request import PLACES, UNSPECIFIED_DIGEST, Image, Probe, Signature
from grader.manifest import load
from grader.text import quoted

_PROBE = (
    "name", "kind", "namespace", "image", "where", "as", "operation", "digest", "signatures", "object", "labels",
    "annotations", "namespaceLabels", "beside",
)  # fmt: skip
_IMAGE = ("image", "where", "digest", "signatures")
_SIGNATURE = ("subject", "issuer", "authority", "log", "digest", "formats", "annotations", "extensions")


def read(data: bytes, name: str) -> list[Probe]:
    """The probes of a file. Raises InputError with the line."""
    try:
        documents = load(data, name)
    except ManifestError as error:
        raise InputError(error.message, where=error.where, advice=error.advice) from None
    if len(documents) != 1 or not isinstance(documents[0].value, list):
        raise InputError("probes are one YAML list", where=name, advice="Begin every probe with `- name:`.")
    root = Place(documents[0])
    probes = [_probe(one, root.at(index)) for index, one in enumerate(documents[0].value)]
    seen: set[str] = set()
    for index, probe in enumerate(probes):
        if probe.name in seen:
            raise InputError(f"the probe {quoted(probe.name)} stands here twice", where=str(root.at(index)))
        seen.add(probe.name)
    return probes


def _probe(value: Any, place: Place) -> Probe:
    _check(value, _PROBE, place, "a probe")
    reader = _Reader(value, place)
    kind = reader.choice("kind", ("Pod", "Deployment"))
    image = _image(value, place)
    if kind == "Deployment" and image.where == "ephemeralContainers":
        raise InputError("a Deployment has no ephemeral containers", where=str(place.at("where")))
    return Probe(
        reader.text("name"), image, reader.text("namespace", "default"), kind,
        request.identity(reader.text("as", "administrator")),
        reader.choice("operation", ("", "CREATE", "UPDATE")),
        tuple(_beside(one, place.at("beside", index)) for index, one in enumerate(reader.list("beside"))),
        reader.text("object", "probe"), reader.strings("labels"), reader.strings("annotations"),
        reader.strings("namespaceLabels"),
    )  # fmt: skip


def _beside(value: Any, place: Place) -> Image:
    _check(value, _IMAGE, place, "an image")
    return _image(value, place)


def _image(value: Mapping[str, Any], place: Place) -> Image:
    reader = _Reader(value, place)
    signatures = [_signature(one, place.at("signatures", index)) for index, one in enumerate(reader.list("signatures"))]
    reference = reader.text("image")
    pinned = reference.rpartition("@")[2] if "@" in reference else UNSPECIFIED_DIGEST
    return Image(reference, reader.choice("where", PLACES), reader.text("digest", pinned), tuple(signatures))


def _signature(value: Any, place: Place) -> Signature:
    _check(value, _SIGNATURE, place, "a signature")
    reader = _Reader(value, place)
    formats = reader.list("formats") or ["cosign"]
    if not set(formats) <= {"cosign", "bundle"}:
        raise InputError("formats are cosign and bundle", where=str(place.at("formats")))
    return Signature(
        reader.text("subject", ""), reader.text("issuer", ""), reader.choice("authority", ("lab", "other")),
        reader.choice("log", ("yes", "no", "forged")), reader.choice("digest", ("same", "other")),
        "cosign" in formats, "bundle" in formats, reader.strings("annotations"),
        reader.strings("extensions") if "extensions" in value else None,
    )  # fmt: skip


def _check(value: Any, known: tuple[str, ...], place: Place, what: str) -> None:
    if not isinstance(value, dict):
        raise InputError(f"{what} is a mapping", where=str(place))
    for key in value:
        if key not in known:
            advice = f"It knows: {', '.join(known)}."
            raise InputError(f"{what} has no key {quoted(key)}", where=str(place.at(key)), advice=advice)


class _Reader:
    """One mapping's values, checked; every error names the line."""

    def __init__(self, value: Mapping[str, Any], place: Place) -> None:
        self.value = value
        self.place = place

    def text(self, key: str, default: str | None = None) -> str:
        """A text; without `default` it must be there."""
        found = self.value.get(key, default)
        if found is None:
            raise InputError(f"{key} is missing", where=str(self.place))
        return str(self._typed(key, found, lambda value: isinstance(value, str), "text"))

    def choice(self, key: str, allowed: tuple[str, ...]) -> str:
        """One of `allowed`, by default the first. `yes` and `no` are booleans in YAML: they are read as words."""
        found = self.value.get(key, allowed[0])
        word = {True: "yes", False: "no"}.get(found, found) if isinstance(found, bool) else found
        shown = ", ".join(filter(None, allowed))
        return str(self._typed(key, word, lambda value: value in allowed, f"one of {shown}"))

    def list(self, key: str) -> list[Any]:
        """A list, by default empty."""
        found: list[Any] = self._typed(key, self.value.get(key, []), lambda value: isinstance(value, list), "a list")
        return found

    def strings(self, key: str) -> dict[str, str]:
        """A mapping of texts, by default empty."""
        found: dict[str, str] = self._typed(key, self.value.get(key, {}), _is_strings, "a mapping of texts")
        return found

    def _typed(self, key: str, value: Any, fits: Callable[[Any], bool], what: str) -> Any:
        if not fits(value):
            raise InputError(f"{key} must be {what}", where=str(self.place.at(key)))
        return value


def _is_strings(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(one, str) for one in value.values())
