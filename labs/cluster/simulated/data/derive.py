"""Makes the schema files beside this one from released API descriptions.

    python -m labs.cluster.simulated.data.derive builtin OPENAPI_FOLDER
    python -m labs.cluster.simulated.data.derive crd FILE…

OPENAPI_FOLDER is `api/openapi-spec/v3` of a Kubernetes release; FILE is a CustomResourceDefinition
of a release. Kept are names, types, bounds, defaults and merge keys: the interface. Every
description is left out. Sub-schemas that occur more than once are written once, under `definitions`.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import yaml

from labs.cluster.simulated.api.schema import references

HERE = Path(__file__).parent
GROUPS = {
    "api__v1": ("Namespace", "Node", "Pod", "ConfigMap", "Secret", "Service", "ServiceAccount", "Event"),
    "apis__apps__v1": ("Deployment", "ReplicaSet", "StatefulSet", "DaemonSet"),
    "apis__batch__v1": ("Job", "CronJob"),
    "apis__autoscaling__v1": ("Scale",),
    "apis__admissionregistration.k8s.io__v1": ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"),
    "apis__apiextensions.k8s.io__v1": ("CustomResourceDefinition",),
}
_WORDS = ("description", "title", "example", "externalDocs")
_SHARED = 200  # characters; a shorter sub-schema is repeated rather than named


def builtin(folder: Path) -> dict[str, Any]:
    """The definitions that the kinds in GROUPS need, by their OpenAPI names."""
    definitions: dict[str, Any] = {}
    for stem, kinds in GROUPS.items():
        schemas = json.loads((folder / f"{stem}_openapi.json").read_text())["components"]["schemas"]
        for name in schemas:
            if name.rsplit(".", 1)[-1] in kinds and "x-kubernetes-group-version-kind" in schemas[name]:
                _collect(name, schemas, definitions)
    return dict(sorted(definitions.items()))


def _collect(name: str, schemas: dict[str, Any], into: dict[str, Any]) -> None:
    if name in into:
        return
    into[name] = _flat(schemas[name])
    for reference in references(into[name]):
        _collect(reference, schemas, into)


def _flat(node: Any) -> Any:
    """A schema without words and defaults, `allOf` of one reference made that reference."""
    if isinstance(node, list):
        return [_flat(item) for item in node]
    if not isinstance(node, dict):
        return node
    if len(node.get("allOf", ())) == 1:
        node = {**node["allOf"][0], **{k: v for k, v in node.items() if k.startswith("x-kubernetes")}}
    return {
        key: {k: _flat(v) for k, v in value.items()} if key == "properties" else _flat(value)
        for key, value in node.items()
        if key not in (*_WORDS, "default", "x-kubernetes-group-version-kind")
    }


def crd(text: str) -> dict[str, Any]:
    """A definition without words, its repeated parts under `definitions`."""
    document = _without_words(yaml.safe_load(text))
    document.pop("status", None)
    document["metadata"] = {"name": document["metadata"]["name"]}
    counts: Counter[str] = Counter()
    _count(document, counts)
    sharing = _Sharing({key for key, times in counts.items() if times > 1 and len(key) > _SHARED})
    resource = sharing.share(document, "resource")
    return {"definitions": sharing.definitions, "resource": resource}


def _without_words(node: Any) -> Any:
    if isinstance(node, list):
        return [_without_words(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {k: _without_words(v) for k, v in node.items() if not (k in _WORDS and isinstance(v, str))}


def _key(node: Any) -> str:
    return json.dumps(node, sort_keys=True, separators=(",", ":"))


def _count(node: Any, counts: Counter[str]) -> None:
    if isinstance(node, dict):
        if isinstance(node.get("type"), str):
            counts[_key(node)] += 1
        node = list(node.values())
    if isinstance(node, list):
        for item in node:
            _count(item, counts)


class _Sharing:
    """Replaces every schema of `repeated` by a reference to a named definition."""

    def __init__(self, repeated: set[str]) -> None:
        self.repeated = repeated
        self.names: dict[str, str] = {}
        self.definitions: dict[str, Any] = {}

    def share(self, node: Any, hint: str) -> Any:
        if isinstance(node, list):
            return [self.share(item, hint) for item in node]
        if not isinstance(node, dict):
            return node
        key = _key(node)
        if key in self.names:
            return {"$ref": self.names[key]}
        shared = {name: self.share(value, self._hint(name, hint)) for name, value in node.items()}
        if key not in self.repeated or not isinstance(node.get("type"), str):
            return shared
        name = self.names[key] = self._free(hint)
        self.definitions[name] = shared
        return {"$ref": name}

    @staticmethod
    def _hint(name: str, hint: str) -> str:
        return (
            hint
            if name in ("properties", "additionalProperties", "schema")
            else f"{hint}-item"
            if name == "items"
            else name
        )

    def _free(self, hint: str) -> str:
        number = 1
        while (name := hint if number == 1 else f"{hint}-{number}") in self.definitions:
            number += 1
        return name


def _write(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n")
    print(f"{path.name}: {path.stat().st_size} bytes")


def main(arguments: list[str]) -> int:
    """Writes `builtin.json` or `crds/GROUP_PLURAL.json`; returns 2 for wrong arguments."""
    if len(arguments) == 2 and arguments[0] == "builtin":
        _write(HERE / "builtin.json", builtin(Path(arguments[1])))
        return 0
    if len(arguments) > 1 and arguments[0] == "crd":
        for name in arguments[1:]:
            made = crd(Path(name).read_text())
            _write(HERE / "crds" / f"{made['resource']['metadata']['name']}.json", made)
        return 0
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
