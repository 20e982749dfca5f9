"""What the API server asks of the containers of a Pod, or of the template of one.

Source: k8s.io/kubernetes v1.35 `pkg/apis/core/validation` (ValidatePodSpec, validateContainerCommon).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from labs.cluster.simulated.api.errors import Cause, invalid_value, not_found_value, not_supported, required
from labs.cluster.simulated.api.naming import LABEL, LABEL_WORDS

Object = dict[str, Any]

_RESTART = ("Always", "OnFailure", "Never")
_PULL = ("Always", "IfNotPresent", "Never")
_PROTOCOLS = ("SCTP", "TCP", "UDP")
_ENV_WORDS = "a valid environment variable name must consist only of printable ASCII characters other than '='"


def pod_spec(spec: Object, path: str) -> Iterator[Cause]:
    """Faults of a Pod's spec, which stands at `path`."""
    if not spec.get("containers"):
        yield required(f"{path}.containers")
    names: set[str] = set()
    volumes = {volume.get("name") for volume in spec.get("volumes") or ()}
    for field in ("initContainers", "containers", "ephemeralContainers"):
        for index, container in enumerate(spec.get(field) or ()):
            here = f"{path}.{field}[{index}]"
            yield from _identity(container, names, here, templated=path != "spec")
            yield from _ports(container, here)
            yield from _environment(container, here)
            yield from _mounts(container, volumes, here)
            if container.get("imagePullPolicy") not in (*_PULL, None):
                yield not_supported(f"{here}.imagePullPolicy", container["imagePullPolicy"], _PULL)
    if spec.get("restartPolicy") not in (*_RESTART, None):
        yield not_supported(f"{path}.restartPolicy", spec["restartPolicy"], _RESTART)


def _identity(container: Object, names: set[str], here: str, templated: bool) -> Iterator[Cause]:
    name, image = container.get("name", ""), container.get("image", "")
    if not name:
        yield required(f"{here}.name")
    elif not re.fullmatch(LABEL, name) or len(name) > 63:
        yield invalid_value(f"{here}.name", name, LABEL_WORDS)
    elif name in names:
        yield Cause("FieldValueDuplicate", f"{here}.name", f'Duplicate value: "{name}"')
    names.add(name)
    if not image:
        yield required(f"{here}.image")
    elif image != image.strip() and not templated:
        yield invalid_value(f"{here}.image", image, "must not have leading or trailing whitespace")


def _ports(container: Object, here: str) -> Iterator[Cause]:
    for index, port in enumerate(container.get("ports") or ()):
        place = f"{here}.ports[{index}]"
        for field in ("containerPort", "hostPort"):
            number = port.get(field) or 0
            if not number and field == "containerPort":
                yield required(f"{place}.{field}")
            elif number and not 1 <= number <= 65535:
                yield invalid_value(f"{place}.{field}", number, "must be between 1 and 65535, inclusive")
        if port.get("protocol") not in (*_PROTOCOLS, None):
            yield not_supported(f"{place}.protocol", port["protocol"], _PROTOCOLS)


def _environment(container: Object, here: str) -> Iterator[Cause]:
    for index, variable in enumerate(container.get("env") or ()):
        name = variable.get("name") or ""
        if not name:
            yield required(f"{here}.env[{index}].name")
        elif not all(" " <= letter <= "~" and letter != "=" for letter in name):
            yield invalid_value(f"{here}.env[{index}].name", name, _ENV_WORDS)


def _mounts(container: Object, volumes: set[Any], here: str) -> Iterator[Cause]:
    paths: set[str] = set()
    for index, mount in enumerate(container.get("volumeMounts") or ()):
        place, name, path = f"{here}.volumeMounts[{index}]", mount.get("name") or "", mount.get("mountPath") or ""
        if not name:
            yield required(f"{place}.name")
        if name not in volumes:
            yield not_found_value(f"{place}.name", name)
        if not path:
            yield required(f"{place}.mountPath")
        elif path in paths:
            yield invalid_value(f"{place}.mountPath", path, "must be unique")
        paths.add(path)
