"""Which context of which kubeconfig is used."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
import yaml

from grader.errors import InputError
from grader.kube.kubeconfig import default_path, read
from tests.fake_api import pair


def data(text: bytes) -> str:
    return base64.b64encode(text).decode()


def config(**changes: Any) -> dict[str, Any]:
    certificate, key = pair()
    found = {
        "current-context": "kind-lab",
        "clusters": [
            {
                "name": "kind-lab",
                "cluster": {"server": "https://127.0.0.1:6443", "certificate-authority-data": data(certificate)},
            }
        ],
        "users": [
            {"name": "kind-lab", "user": {"client-certificate-data": data(certificate), "client-key-data": data(key)}},
            {"name": "aws", "user": {"exec": {"command": "aws"}}},
        ],
        "contexts": [
            {"name": "kind-lab", "context": {"cluster": "kind-lab", "user": "kind-lab"}},
            {"name": "work", "context": {"cluster": "kind-lab", "user": "aws"}},
            {"name": "nobody", "context": {"cluster": "kind-lab"}},
        ],
    }
    return found | changes


def written(folder: Path, content: dict[str, Any]) -> Path:
    path = folder / "config"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


def test_the_current_context_is_used(tmp_path: Path) -> None:
    certificate, key = pair()
    access = read(written(tmp_path, config()))
    assert (access.context, access.server) == ("kind-lab", "https://127.0.0.1:6443")
    assert (access.ca, access.certificate, access.key) == (certificate, certificate, key)


def test_another_users_sign_in_program_does_not_matter(tmp_path: Path) -> None:
    assert read(written(tmp_path, config()), "kind-lab").token is None


def test_a_context_may_have_no_user(tmp_path: Path) -> None:
    access = read(written(tmp_path, config()), "nobody")
    assert (access.certificate, access.token) == (None, None)


def test_an_unknown_context_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read(written(tmp_path, config()), "prod")
    assert "“prod”" in str(caught.value)
    assert "“kind-lab”, “work”, “nobody”" in caught.value.diagnostics()


def test_no_current_context_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no current context") as caught:
        read(written(tmp_path, config(**{"current-context": ""})))
    assert "kind-lab" in caught.value.diagnostics()


def test_no_file_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path / "absent")
    assert "labs up" in caught.value.diagnostics()


def test_a_context_without_its_cluster(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no cluster “kind-lab”"):
        read(written(tmp_path, config(clusters=[])))


def test_a_name_given_twice(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="stands here twice"):
        read(written(tmp_path, config(users=config()["users"][:1] * 2)))


def test_a_certificate_without_its_key(tmp_path: Path) -> None:
    user = {"client-certificate-data": data(pair()[0])}
    with pytest.raises(InputError, match="client-key-data is missing"):
        read(written(tmp_path, config(users=[{"name": "kind-lab", "user": user}])))


def test_secrets_are_not_shown(tmp_path: Path) -> None:
    user = {"token": "s3cret"}
    access = read(written(tmp_path, config(users=[{"name": "kind-lab", "user": user}])))
    assert access.token == "s3cret"
    assert "s3cret" not in repr(access)


def test_plain_http_is_for_this_machine_alone(tmp_path: Path) -> None:
    local = [{"name": "kind-lab", "cluster": {"server": "http://127.0.0.1:8001"}}]
    assert read(written(tmp_path, config(clusters=local))).server == "http://127.0.0.1:8001"
    far = [{"name": "kind-lab", "cluster": {"server": "http://example.org"}}]
    with pytest.raises(InputError, match="not an https address"):
        read(written(tmp_path, config(clusters=far)))


def test_the_default_is_the_one_of_kubectl(tmp_path: Path) -> None:
    assert default_path({"KUBECONFIG": str(tmp_path / "a")}) == tmp_path / "a"
    assert default_path({}) == Path.home() / ".kube" / "config"


def test_several_files_are_not_merged() -> None:
    with pytest.raises(InputError, match="several files"):
        default_path({"KUBECONFIG": "a:b"})


def test_a_trusted_kubeconfig_may_name_files(tmp_path: Path) -> None:
    certificate, key = pair()
    (tmp_path / "ca.pem").write_bytes(certificate)
    (tmp_path / "key.pem").write_bytes(key)
    cluster = {"server": "https://127.0.0.1:6443", "certificate-authority": str(tmp_path / "ca.pem")}
    user = {"client-certificate": str(tmp_path / "ca.pem"), "client-key": str(tmp_path / "key.pem")}
    path = written(
        tmp_path,
        config(clusters=[{"name": "kind-lab", "cluster": cluster}], users=[{"name": "kind-lab", "user": user}]),
    )
    access = read(path, trust=True)
    assert (access.ca, access.certificate, access.key) == (certificate, certificate, key)
    assert access.server == "https://127.0.0.1:6443"


def test_a_trusted_kubeconfig_may_run_a_program(tmp_path: Path) -> None:
    credential = '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"fresh"}}'
    program = {"apiVersion": "client.authentication.k8s.io/v1", "command": "echo", "args": [credential]}
    path = written(tmp_path, config(users=[{"name": "kind-lab", "user": {"exec": program}}]))
    assert read(path, trust=True).refresh() == "Bearer fresh"


def test_a_trusted_kubeconfig_whose_program_fails(tmp_path: Path) -> None:
    program = {"apiVersion": "client.authentication.k8s.io/v1", "command": "false", "args": []}
    path = written(tmp_path, config(users=[{"name": "kind-lab", "user": {"exec": program}}]))
    with pytest.raises(InputError, match="neither a token nor a certificate"):
        read(path, trust=True)
