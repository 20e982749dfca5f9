"""The registry as objects of the cluster, and the node's settings for it."""

from __future__ import annotations

import tomllib
from base64 import b64decode
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from labs.registry import manifests, node
from labs.registry.authority import Authority

PLACEMENT = manifests.Placement(address="10.96.0.60", node_port=31000, image="registry:test")


@pytest.fixture
def objects(authority: Authority) -> dict[str, Any]:
    return {one["kind"]: one for one in manifests.registry(authority, PLACEMENT)}


def test_the_service_has_its_fixed_addresses(objects: dict[str, Any]) -> None:
    service, deployment = objects["Service"], objects["Deployment"]
    assert service["spec"]["clusterIP"] == "10.96.0.60"
    assert service["spec"]["ports"][0]["nodePort"] == 31000
    assert service["spec"]["ports"][0]["port"] == 443
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    assert service["spec"]["selector"].items() <= labels.items()
    assert deployment["spec"]["selector"]["matchLabels"].items() <= labels.items()


def test_the_pod_serves_the_secrets_certificate(objects: dict[str, Any]) -> None:
    pod = objects["Deployment"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    settings = {one["name"]: one["value"] for one in container["env"]}
    mounts = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
    sources = {volume["name"]: volume for volume in pod["volumes"]}
    assert sources["certificates"]["secret"]["secretName"] == objects["Secret"]["metadata"]["name"]
    for setting, key in (("CERTIFICATE", "tls.crt"), ("KEY", "tls.key")):
        assert settings[f"REGISTRY_HTTP_TLS_{setting}"] == f"{mounts['certificates']}/{key}"
        assert key in objects["Secret"]["data"]
    assert settings["REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY"] == mounts["data"]
    assert settings["REGISTRY_HTTP_ADDR"] == f":{container['ports'][0]['containerPort']}"


def test_the_secrets_key_fits_its_certificate(objects: dict[str, Any]) -> None:
    chain, key = (b64decode(objects["Secret"]["data"][name]) for name in ("tls.crt", "tls.key"))
    leaf, _ = x509.load_pem_x509_certificates(chain)
    assert load_pem_private_key(key, None).public_key() == leaf.public_key()


def test_another_certificate_restarts_the_pod(authority: Authority, objects: dict[str, Any]) -> None:
    other = Authority(b"\x03" * 32, authority.created)
    _, deployment, _ = manifests.registry(other, PLACEMENT)
    annotations = [one["spec"]["template"]["metadata"]["annotations"] for one in (deployment, objects["Deployment"])]
    assert annotations[0] != annotations[1]


def test_the_node_asks_the_lab_first_and_then_the_world(authority: Authority) -> None:
    files = node.files(authority.tls.pem, "10.96.0.60")
    settings = tomllib.loads(files["hosts.toml"].decode())
    assert settings["server"] == "https://cgr.dev"
    (host,) = settings["host"].items()
    assert host[0] == "https://10.96.0.60"
    assert host[1]["capabilities"] == ["pull", "resolve"]
    assert host[1]["ca"] == f"{node.ON_NODE}/ca.crt"
    assert files["ca.crt"] == authority.tls.pem
