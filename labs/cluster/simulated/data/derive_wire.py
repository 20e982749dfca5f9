"""Makes `wire.json`: how Kubernetes writes objects in protobuf, which `kubectl create` sends.

    python -m labs.cluster.simulated.data.derive_wire API_MODULE APIMACHINERY_MODULE

The arguments are the folders of the Go modules k8s.io/api and k8s.io/apimachinery. Kept of each struct
are the numbers of its fields, their JSON names and their types. A field is `[name, type]`: an empty
name stands for fields inlined; `[]`, `{}` before a type are lists and maps from strings; `?` after it
marks a field that JSON leaves out when it is zero.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

HERE = Path(__file__).parent
PACKAGES = (
    "core",
    "apps",
    "batch",
    "admissionregistration",
    "authorization",
    "authentication",
    "autoscaling",
    "policy",
)
ROOTS = (
    "core.Namespace", "core.Pod", "core.ConfigMap", "core.Secret", "core.ServiceAccount", "core.Service", "core.Event",
    "apps.Deployment", "apps.ReplicaSet", "apps.StatefulSet", "apps.DaemonSet", "batch.Job", "batch.CronJob",
    "admissionregistration.MutatingWebhookConfiguration", "admissionregistration.ValidatingWebhookConfiguration",
    "authorization.SelfSubjectAccessReview", "authorization.SelfSubjectRulesReview",
    "authentication.SelfSubjectReview", "autoscaling.Scale", "meta.DeleteOptions",
)  # fmt: skip
_ALIASES = {"metav1": "meta", "v1": "core", "corev1": "core"}
_SCALARS = {
    "string": "s",
    "bool": "B",
    "[]byte": "b",
    "int32": "i",
    "int64": "i",
    "int": "i",
    "float64": "d",
    "types.UID": "s",
}
_SPECIAL = {
    "meta.Time": "time", "meta.MicroTime": "microtime", "meta.Duration": "duration", "meta.FieldsV1": "raw",
    "resource.Quantity": "quantity", "intstr.IntOrString": "intstr", "runtime.RawExtension": "raw",
}  # fmt: skip
_STRUCT = re.compile(r"^type (\w+) struct \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
_NAMED = re.compile(r"^type (\w+) ((?:map\[\w+\]|\[\])?[\w.]+)$", re.MULTILINE)
_FIELD = re.compile(
    r'^\t(?:(\w+) )?([*\[\]\w.]+) +`json:"([^"]*)"(?: \w+:"[^"]*")*? protobuf:"(\w+),(\d+)', re.MULTILINE
)

Fields = dict[str, list[str]]


class Reader:
    """The structs and named types of all packages, by `package.Name`."""

    def __init__(self) -> None:
        self.structs: dict[str, str] = {}
        self.named: dict[str, str] = {}

    def add(self, package: str, text: str) -> None:
        """Reads the Go source of a package's types."""
        for name, body in _STRUCT.findall(text):
            self.structs[f"{package}.{name}"] = body
        for name, kind in _NAMED.findall(text):
            self.named[f"{package}.{name}"] = kind

    def fields(self, name: str) -> Fields:
        """The fields of a struct by their numbers."""
        package = name.partition(".")[0]
        found: Fields = {}
        for _, kind, tag, _, number in _FIELD.findall(self.structs[name]):
            called, *options = tag.split(",")
            pointer = kind.startswith("*")
            zero = "?" if "omitempty" in options and not pointer else ""
            found[number] = ["" if "inline" in options else called, self.type(package, kind.lstrip("*")) + zero]
        return found

    def type(self, package: str, kind: str) -> str:
        """A Go type in the words of `wire.json`."""
        if kind in _SCALARS:
            return _SCALARS[kind]
        if kind.startswith("[]"):
            return "[]" + self.type(package, kind[2:])
        if kind.startswith("map["):
            return "{}" + self.type(package, kind.partition("]")[2])
        alias, _, name = kind.rpartition(".")
        full = f"{_ALIASES.get(alias, alias) or package}.{name}"
        if full in _SPECIAL:
            return _SPECIAL[full]
        if full in self.named:
            return self.type(full.partition(".")[0], self.named[full])
        return full


def derive(api: Path, machinery: Path) -> dict[str, Fields]:
    """The fields of all structs that the roots need."""
    reader = Reader()
    for package in PACKAGES:
        reader.add(package, (api / package / "v1" / "types.go").read_text())
    reader.add("meta", (machinery / "pkg/apis/meta/v1/types.go").read_text())
    found: dict[str, Fields] = {}
    waiting = list(ROOTS)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found[name] = reader.fields(name)
        kinds = (re.sub(r"[\[\]{}?]", "", kind) for _, kind in found[name].values())
        waiting += [kind for kind in kinds if "." in kind]
    return dict(sorted(found.items()))


def main(arguments: list[str]) -> int:
    """Writes `wire.json`; returns 2 for wrong arguments."""
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    found = derive(Path(arguments[0]), Path(arguments[1]))
    lines = [f"{json.dumps(name)}: {json.dumps(fields)}" for name, fields in found.items()]
    (HERE / "wire.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
