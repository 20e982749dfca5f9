"""Software bills of materials in SPDX 2.x and CycloneDX 1.x JSON, read into one shape."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from grader.text import one_line

_MOST = 20_000
_NONE = ("NOASSERTION", "NONE", "")


@dataclass(frozen=True, slots=True, order=True)
class Package:
    """One package of an image. Unknown parts are empty."""

    name: str
    version: str = ""
    licence: str = ""
    purl: str = ""


@dataclass(frozen=True, slots=True)
class Bill:
    """What an image says is in it. `packages` are sorted and without the image itself."""

    format: str
    name: str
    packages: tuple[Package, ...]


def read(predicate: Any) -> Bill | None:
    """The bill in an attestation's predicate, or None where it is neither format."""
    if isinstance(predicate, Mapping) and isinstance(predicate.get("Data"), Mapping):
        predicate = predicate["Data"]  # cosign's custom predicate wraps the document
    if not isinstance(predicate, Mapping):
        return None
    if str(predicate.get("spdxVersion", "")).startswith("SPDX-2"):
        return _spdx(predicate)
    if predicate.get("bomFormat") == "CycloneDX":
        return _cyclonedx(predicate)
    return None


def _spdx(document: Mapping[str, Any]) -> Bill:
    described = {item for item in _list(document.get("documentDescribes")) if isinstance(item, str)}
    described |= {
        str(one.get("relatedSpdxElement"))
        for one in _objects(document.get("relationships"))
        if one.get("relationshipType") == "DESCRIBES"
    }
    packages = (
        Package(
            _text(one.get("name")),
            _text(one.get("versionInfo")),
            next((_text(one.get(key)) for key in ("licenseConcluded", "licenseDeclared") if _text(one.get(key))), ""),
            _purl(one),
        )
        for one in _objects(document.get("packages"))
        if one.get("SPDXID") not in described
    )
    return Bill(_text(document.get("spdxVersion")), _text(document.get("name")), _sorted(packages))


def _purl(package: Mapping[str, Any]) -> str:
    for reference in _objects(package.get("externalRefs")):
        if reference.get("referenceType") == "purl":
            return _text(reference.get("referenceLocator"))
    return ""


def _cyclonedx(document: Mapping[str, Any]) -> Bill:
    metadata = document.get("metadata")
    component = metadata.get("component") if isinstance(metadata, Mapping) else None
    name = component.get("name") if isinstance(component, Mapping) else ""
    packages = (
        Package(_text(one.get("name")), _text(one.get("version")), _licences(one), _text(one.get("purl")))
        for one in _objects(document.get("components"))
    )
    return Bill(f"CycloneDX-{_text(document.get('specVersion'))}", _text(name), _sorted(packages))


def _licences(component: Mapping[str, Any]) -> str:
    found = []
    for one in _objects(component.get("licenses")):
        licence = one.get("license")
        inner = licence if isinstance(licence, Mapping) else {}
        found.append(_text(one.get("expression") or inner.get("id") or inner.get("name")))
    return " AND ".join(part for part in found if part)


def _sorted(packages: Iterable[Package]) -> tuple[Package, ...]:
    return tuple(sorted({package for package in packages if package.name}))


def _list(value: Any) -> list[Any]:
    return value[:_MOST] if isinstance(value, list) else []


def _objects(value: Any) -> list[Mapping[str, Any]]:
    return [item for item in _list(value) if isinstance(item, Mapping)]


def _text(value: Any) -> str:
    text = one_line(value, 300) if isinstance(value, str) else ""
    return "" if text in _NONE else text
