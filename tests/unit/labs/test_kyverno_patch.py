from typing import Any

import pytest

from labs.platform import manifests, patch
from labs.registry import kyverno
from labs.registry.trust import Trust

VALUES = kyverno.kyverno_values(
    Trust({"1.root.json": b"root", "timestamp.json": b"{}"}, b"{}"), b"PEM", kyverno.host_path("/srv/lab/tuf")
)


def deployment(**labels: str) -> dict[str, Any]:
    container = {
        "name": "kyverno",
        "args": ["--v=2", "--enableTuf=false", "--tufRoot=other", "--tufRootName=kept"],
        "volumeMounts": [{"name": "own", "mountPath": "/own"}, {"name": "x", "mountPath": "/srv/tuf"}],
    }
    spec = {"containers": [container], "volumes": [{"name": "own", "emptyDir": {}}]}
    return {
        "metadata": {
            "name": "one",
            "labels": {f"app.kubernetes.io/{key.replace('_', '-')}": labels[key] for key in labels},
        },
        "spec": {"template": {"spec": spec}},
    }


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ({"part_of": "kyverno", "component": "admission-controller"}, True),
        ({"part_of": "mine-kyverno", "component": "reports-controller"}, True),
        ({"part_of": "kyverno", "component": "cleanup-controller"}, False),
        ({"part_of": "argocd", "component": "admission-controller"}, False),
        ({}, False),
    ],
)
def test_only_what_verifies_images_is_changed(labels: dict[str, str], expected: bool) -> None:
    assert patch.verifies_images(deployment(**labels)) is expected


def test_flags_folder_and_authority_are_added() -> None:
    pod = patch.trusting(deployment(), VALUES)["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert container["args"] == [
        "--v=2",
        "--tufRootName=kept",
        "--enableTuf=true",
        "--tufMirror=file:///srv/tuf",
        "--tufRootRaw=cm9vdA==",
    ]
    assert [mount["mountPath"] for mount in container["volumeMounts"]] == [
        "/own",
        "/srv/tuf",
        "/etc/ssl/certs/ca-certificates.crt",
    ]
    assert pod["volumes"][1]["hostPath"]["path"] == "/srv/lab/tuf"
    assert pod["volumes"][2]["configMap"]["name"] == manifests.CA_CONFIG_MAP


def test_every_mount_has_its_volume() -> None:
    pod = patch.trusting(deployment(), VALUES)["spec"]["template"]["spec"]
    volumes = {volume["name"] for volume in pod["volumes"]}
    assert {mount["name"] for mount in pod["containers"][0]["volumeMounts"]} <= volumes


def test_twice_is_as_once_and_the_original_stays() -> None:
    before = deployment()
    once = patch.trusting(before, VALUES)
    assert patch.trusting(once, VALUES) == once
    assert before == deployment()
