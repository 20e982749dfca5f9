"""How Kyverno gets the trust: Helm values and volumes."""

from __future__ import annotations

import re
from base64 import b64decode
from typing import Any

import pytest
import yaml

from labs.registry import kyverno
from labs.registry.authority import Authority
from labs.registry.trust import Trust

CONTROLLERS = ["admissionController", "reportsController"]


@pytest.fixture
def values(trusted: Trust, authority: Authority) -> dict[str, Any]:
    return kyverno.kyverno_values(trusted, authority.tls.pem, kyverno.host_path("/srv/platform-labs/tuf"))


def test_tuf_is_read_from_where_it_is_mounted(values: dict[str, Any], trusted: Trust) -> None:
    tuf = values["features"]["tuf"]
    assert tuf["enabled"] is True
    assert b64decode(tuf["rootRaw"]) == trusted.root
    for controller in CONTROLLERS:
        (volume,) = values[controller]["extraVolumes"]
        (mount,) = values[controller]["extraVolumeMounts"]
        assert tuf["mirror"] == f"file://{mount['mountPath']}"
        assert mount["name"] == volume["name"]
        assert mount["readOnly"] is True
        assert volume["hostPath"] == {"path": "/srv/platform-labs/tuf", "type": "Directory"}


def test_the_registrys_authority_stands_alone(values: dict[str, Any], authority: Authority) -> None:
    assert values["global"]["caCertificates"]["data"].encode() == authority.tls.pem


def test_helms_record_of_the_release_stays_small(values: dict[str, Any]) -> None:
    assert len(yaml.safe_dump(values)) < 50_000


def test_is_plain_yaml(values: dict[str, Any]) -> None:
    """Learners read the file: no anchors and aliases."""
    assert not re.search(r"[&*]id\d", yaml.safe_dump(values))


def test_a_learners_own_values_stay(values: dict[str, Any]) -> None:
    own = {
        "features": {"tuf": {"enabled": False}, "logging": {"format": "json"}},
        "admissionController": {
            "replicas": 3,
            "extraVolumes": [{"name": "mine", "emptyDir": {}}, {"name": kyverno.VOLUME, "emptyDir": {}}],
        },
        "reportsController": {"enabled": False},
    }
    both = kyverno.with_trust(own, values)
    assert both["features"]["tuf"] == values["features"]["tuf"]
    assert both["features"]["logging"] == {"format": "json"}
    assert both["admissionController"]["replicas"] == 3
    assert both["reportsController"]["enabled"] is False
    volumes = both["admissionController"]["extraVolumes"]
    assert [volume["name"] for volume in volumes] == ["mine", kyverno.VOLUME]
    assert "hostPath" in volumes[1]


def test_laying_it_over_twice_changes_nothing(values: dict[str, Any]) -> None:
    once = kyverno.with_trust({"admissionController": {"extraVolumes": [{"name": "mine"}]}}, values)
    assert kyverno.with_trust(once, values) == once


def test_a_list_without_names_is_replaced() -> None:
    own = {"features": {"registryClient": {"credentialHelpers": ["default", "amazon"]}}}
    laid = {"features": {"registryClient": {"credentialHelpers": ["default"]}}}
    assert kyverno.with_trust(own, laid) == laid
