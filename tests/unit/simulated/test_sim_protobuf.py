"""Kubernetes' protobuf, as typed Go clients send it."""

from __future__ import annotations

from typing import Any

import pytest

from labs.cluster.simulated.server import protobuf


def varint(number: int) -> bytes:
    out = b""
    while number > 0x7F:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def field(number: int, value: bytes | str | int) -> bytes:
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def body(api_version: str, kind: str, raw: bytes) -> bytes:
    return b"k8s\0" + field(1, field(1, api_version) + field(2, kind)) + field(2, raw)


def test_a_namespace() -> None:
    metadata = field(1, "playground") + field(2, "") + field(8, b"") + field(11, field(1, "a") + field(2, "b"))
    assert protobuf.decode(body("v1", "Namespace", field(1, metadata) + field(2, b"") + field(3, b""))) == {
        "apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "playground", "labels": {"a": "b"}},
    }  # fmt: skip


def test_a_deployment_with_everything_that_is_special() -> None:
    port = field(3, 80) + field(4, "TCP")
    probe = field(1, field(2, field(2, field(1, 0) + field(2, 8080)))) + field(3, 1)
    limits = field(1, field(1, "cpu") + field(2, field(1, "100m")))
    container = field(1, "web") + field(2, "nginx") + field(6, port) + field(8, limits) + field(10, probe)
    volume = field(1, "data") + field(2, field(2, field(1, "Memory")))
    pod = field(2, container) + field(1, volume) + field(4, 0)
    surge = field(2, field(1, field(1, 1) + field(3, "25%")))
    raw = field(1, field(1, "web") + field(9, field(1, 1_767_323_045))) + field(
        2, field(1, 0) + field(3, field(2, pod)) + field(4, surge)
    )
    found: Any = protobuf.decode(body("apps/v1", "Deployment", raw))
    spec = found["spec"]
    assert spec["replicas"] == 0
    assert found["metadata"]["deletionTimestamp"] == "2026-01-02T03:04:05Z"
    inside = spec["template"]["spec"]
    assert inside["volumes"] == [{"name": "data", "emptyDir": {"medium": "Memory"}}]
    assert inside["terminationGracePeriodSeconds"] == 0
    assert inside["containers"][0]["ports"] == [{"containerPort": 80, "protocol": "TCP"}]
    assert inside["containers"][0]["resources"] == {"limits": {"cpu": "100m"}}
    assert inside["containers"][0]["livenessProbe"]["httpGet"]["port"] == 8080
    assert spec["strategy"]["rollingUpdate"]["maxUnavailable"] == "25%"


def test_options_of_a_deletion() -> None:
    found = protobuf.decode(body("apps/v1", "DeleteOptions", field(4, "Background") + field(5, "All")))
    assert found["propagationPolicy"] == "Background"
    assert found["dryRun"] == ["All"]


def test_fields_that_are_not_known_are_left_out() -> None:
    assert protobuf.decode(body("v1", "Namespace", field(99, "x") + field(98, 5)))["kind"] == "Namespace"


@pytest.mark.parametrize(
    "data",
    [
        b"", b"{}", b"k8s\0" + field(1, b"") + field(2, b"\xff"), body("v1", "Martian", b""),
        body("v1", "Pod", field(1, b"\x0a\xff")), body("v1", "Pod", b"\x0b"), body("v1", "Pod", varint(9)),
        body("v1", "Pod", field(1, 5)), body("v1", "Namespace", field(1, field(1, b"\xff\xfe"))),
    ],
)  # fmt: skip
def test_garbage_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any reason will do
        protobuf.decode(data)
