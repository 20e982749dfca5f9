"""The file that replaces what a lab would fetch from public places.

nodeImage: kindest/node:v1.35.4       # image of the cluster's node
kindPatches: ["kind: KubeletConfiguration\\n…"]   # added to kind's kubeadm patches
charts:
  kyverno:                            # kyverno, argocd or crossplane
    chart: /path/kyverno-3.9.1.tgz    # a packaged chart in place of the public one
    values: {…}                       # Helm values laid over the lab's
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.errors import InputError, ManifestError
from grader.manifest import Document, load
from grader.text import quoted

CHARTS = ("kyverno", "argocd", "crossplane")
_KEYS = ("nodeImage", "kindPatches", "charts")


@dataclass(frozen=True, slots=True)
class ChartOverride:
    """In place of a public chart: a packaged one, more values, or both."""

    chart: Path | None = None
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Overrides:
    """What a lab takes from elsewhere; empty by default. `file` is where it was said."""

    file: Path | None = None
    node_image: str | None = None
    kind_patches: tuple[str, ...] = ()
    charts: Mapping[str, ChartOverride] = field(default_factory=dict)

    def chart(self, name: str) -> ChartOverride:
        """What overrides that chart; nothing where the file does not name it."""
        return self.charts.get(name, ChartOverride())

    def as_json(self) -> dict[str, Any]:
        """For the lab's state: what was used, whatever becomes of the file."""
        charts = {
            name: {"chart": str(one.chart) if one.chart else None, "values": dict(one.values)}
            for name, one in self.charts.items()
        }
        return {
            "file": str(self.file) if self.file else None,
            "nodeImage": self.node_image,
            "kindPatches": list(self.kind_patches),
            "charts": charts,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any] | None) -> Overrides:
        """From the lab's state; nothing recorded is nothing overridden."""
        if not data:
            return cls()
        charts = {
            name: ChartOverride(Path(one["chart"]) if one["chart"] else None, one["values"])
            for name, one in data["charts"].items()
        }
        file = Path(data["file"]) if data["file"] else None
        return cls(file, data["nodeImage"], tuple(data["kindPatches"]), charts)

    def lines(self) -> list[str]:
        """Every override, one line each, for `labs status`."""
        found = [f"node image: {self.node_image}"] if self.node_image else []
        if self.kind_patches:
            found.append(f"kind patches: {len(self.kind_patches)}")
        for name, chart in self.charts.items():
            if chart.chart:
                found.append(f"chart {name}: {chart.chart}")
            if chart.values:
                found.append(f"values of {name}: {', '.join(_leaves(chart.values))}")
        return found


def read(path: str | None) -> Overrides:
    """Reads the file of that path, else the one that `LABS_OVERRIDES` names, else none.

    Raises InputError with file and line.
    """
    named = path or os.environ.get("LABS_OVERRIDES")
    if not named:
        return Overrides()
    file = Path(named).expanduser().absolute()
    try:
        documents = [document for document in load(file.read_bytes(), str(file)) if document.value is not None]
    except OSError as error:
        raise InputError(f"the overrides cannot be read: {error.strerror}", where=str(file)) from None
    except ManifestError as error:
        raise InputError(error.message, where=error.where, advice=error.advice) from None
    if not documents:
        return Overrides(file)
    if len(documents) > 1:
        raise InputError("must hold one YAML document", where=str(file))
    return _Reader(documents[0]).overrides(file)


class _Reader:
    """Checks one document; every fault names its line."""

    def __init__(self, document: Document) -> None:
        self.document = document

    def overrides(self, file: Path) -> Overrides:
        top = self.mapping(self.document.value, (), _KEYS)
        patches = top.get("kindPatches", [])
        if not isinstance(patches, list) or not all(isinstance(patch, str) for patch in patches):
            raise self.wrong(("kindPatches",), "must be a list of texts")
        image = top.get("nodeImage")
        if image is not None and not isinstance(image, str):
            raise self.wrong(("nodeImage",), "must be an image reference")
        charts = self.mapping(top.get("charts", {}), ("charts",), CHARTS)
        return Overrides(file, image, tuple(patches), {name: self.chart(name, charts[name], file) for name in charts})

    def chart(self, name: str, value: Any, file: Path) -> ChartOverride:
        place = ("charts", name)
        entry = self.mapping(value, place, ("chart", "values"))
        chart = entry.get("chart")
        if chart is not None and not isinstance(chart, str):
            raise self.wrong((*place, "chart"), "must be the path of a packaged chart")
        packaged = (file.parent / Path(chart).expanduser()) if chart else None
        if packaged and not packaged.is_file():
            raise self.wrong((*place, "chart"), f"there is no file {packaged}")
        values = entry.get("values", {})
        if not isinstance(values, dict):
            raise self.wrong((*place, "values"), "must be a mapping of Helm values")
        return ChartOverride(packaged, values)

    def mapping(self, value: Any, place: tuple[str, ...], keys: tuple[str, ...]) -> dict[str, Any]:
        name = ".".join(place) or "the file"
        if not isinstance(value, dict):
            raise self.wrong(place, f"{name} must be a mapping of {', '.join(keys)}")
        for key in value:
            if key not in keys:
                raise self.wrong((*place, key), f"{name} knows no {quoted(key)}; it knows {', '.join(keys)}")
        return value

    def wrong(self, place: tuple[str, ...], message: str) -> InputError:
        return InputError(message, where=self.document.where(*place))


def _leaves(values: Mapping[str, Any], prefix: str = "") -> list[str]:
    """Dotted paths of all values that are no mapping."""
    found: list[str] = []
    for key, value in values.items():
        name = f"{prefix}{key}"
        found += _leaves(value, f"{name}.") if isinstance(value, dict) and value else [f"{name}={value!r}"]
    return found
