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
`image`, `where`, `digest`, `signatures`), and in a signature `formats` (of `cosign`, `bundle`), `annotations` and
`extensions`. What each may hold is in grader.kyverno.probevalues, and for people in docs/oracle.md.
"""

from __future__ import annotations

from typing import Any

from grader.errors import InputError, ManifestError
from grader.kyverno import request
from grader.kyverno.place import Place
from grader.kyverno.probevalues import Values
from grader.kyverno.request import PLACES, UNSPECIFIED_DIGEST, Image, Probe, Signature
from grader.manifest import load
from grader.text import quoted

PROBE = (
    "name", "kind", "namespace", "image", "where", "as", "operation", "digest", "signatures", "object", "labels",
    "annotations", "namespaceLabels", "beside",
)  # fmt: skip
IMAGE = ("image", "where", "digest", "signatures")
SIGNATURE = ("subject", "issuer", "authority", "log", "digest", "formats", "annotations", "extensions")
_BEGIN = "Begin every probe with `- name:`."


def read(data: bytes, name: str) -> list[Probe]:
    """The probes of a file. Raises InputError with the line."""
    root = _list(data, name)
    probes = [_probe(one, root.at(index)) for index, one in enumerate(root.value)]
    seen: set[str] = set()
    for index, probe in enumerate(probes):
        if probe.name in seen:
            advice = "Give every probe a name of its own."
            raise InputError(
                f"the probe {quoted(probe.name)} stands here twice", where=str(root.at(index)), advice=advice
            )
        seen.add(probe.name)
    return probes


def _list(data: bytes, name: str) -> Place:
    """The place of the file's one list."""
    try:
        documents = load(data, name)
    except ManifestError as error:
        raise InputError(error.message, where=error.where, advice=error.advice) from None
    if not documents:
        raise InputError("there is no probe", where=name, advice=_BEGIN)
    if len(documents) > 1:
        advice = "Probes are one list: delete the line --- before this one."
        raise InputError("a second document begins here", where=str(Place(documents[1])), advice=advice)
    if not isinstance(documents[0].value, list):
        raise InputError("probes are one YAML list", where=str(Place(documents[0])), advice=_BEGIN)
    return Place(documents[0])


def _probe(value: Any, place: Place) -> Probe:
    values = Values(value, PROBE, place, "a probe")
    kind = values.choice("kind", ("Pod", "Deployment"))
    image = _image(values)
    operation = values.choice("operation", ("CREATE", "UPDATE"), default="")
    if image.where == "ephemeralContainers":
        _ephemeral(values, kind, operation)
    return Probe(
        values.name(), image, values.namespace(), kind, request.identity(values.user()), operation,
        tuple(_beside(one, place.at("beside", index)) for index, one in enumerate(values.list("beside"))),
        values.object(), values.strings("labels"), values.strings("annotations"), values.strings("namespaceLabels"),
    )  # fmt: skip


def _ephemeral(values: Values, kind: str, operation: str) -> None:
    """An ephemeral container is added to a Pod that runs (Kubernetes refuses it in a Pod that is created)."""
    if kind == "Deployment":
        advice = "Ask about its Pods: kind: Pod."
        raise values.wrong("where", "a Deployment has no ephemeral containers", advice)
    if operation == "CREATE":
        advice = "It is added to a Pod that runs: delete the line, or write UPDATE."
        raise values.wrong("operation", "no Pod is created with an ephemeral container", advice)


def _beside(value: Any, place: Place) -> Image:
    return _image(Values(value, IMAGE, place, "an image"))


def _image(values: Values) -> Image:
    place = values.place
    signatures = [_signature(one, place.at("signatures", index)) for index, one in enumerate(values.list("signatures"))]
    reference = values.image()
    pinned = reference.rpartition("@")[2] if "@" in reference else UNSPECIFIED_DIGEST
    return Image(reference, values.choice("where", PLACES), values.digest(pinned), tuple(signatures))


def _signature(value: Any, place: Place) -> Signature:
    values = Values(value, SIGNATURE, place, "a signature")
    formats = values.formats()
    return Signature(
        values.text("subject", ""), values.text("issuer", ""), values.choice("authority", ("lab", "other")),
        values.choice("log", ("yes", "no", "forged")), values.choice("digest", ("same", "other")),
        "cosign" in formats, "bundle" in formats, values.strings("annotations"),
        values.strings("extensions") if "extensions" in value else None,
    )  # fmt: skip
