from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import docker.errors
import pytest

from labs.docker import Container, Engine
from labs.errors import DockerFault

INSPECTED = {
    "State": {"Running": True},
    "Config": {"Image": "kindest/node:v1.35.0", "Labels": {"io.x-k8s.kind.role": "control-plane"}},
    "HostConfig": {"PortBindings": {"30443/tcp": [{"HostIp": "127.0.0.1", "HostPort": "40443"}], "6443/tcp": []}},
    "Mounts": [{"Source": "/home/me/lab", "Destination": "/srv/lab"}, {"Source": "", "Destination": "/var"}],
}


class Api:
    """What the engine's API answers."""

    def __init__(self) -> None:
        self.pulled: list[dict[str, str]] = []
        self.refused: Exception | None = None

    def images(self) -> list[dict[str, Any]]:
        return [{"Id": "sha256:1", "RepoTags": ["a:1", "b:2"]}, {"Id": "sha256:2", "RepoTags": None}]

    def pull(self, repository: str, *, tag: str, stream: bool, decode: bool) -> list[dict[str, str]]:
        return self.pulled

    def inspect_distribution(self, reference: str) -> dict[str, Any]:
        if self.refused:
            raise self.refused
        return {}


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Api:
    """The API of an engine that holds one container, named node."""
    found = Api()

    def get(name: str) -> SimpleNamespace:
        if name != "node":
            raise docker.errors.NotFound("No such container")
        return SimpleNamespace(attrs=INSPECTED)

    client = SimpleNamespace(api=found, ping=lambda: True, containers=SimpleNamespace(get=get))
    monkeypatch.setattr("docker.from_env", lambda **_: client)
    return found


def test_images_by_every_name(api: Api) -> None:
    assert Engine().images() == {"a:1": "sha256:1", "b:2": "sha256:1"}


def test_a_container_as_it_is(api: Api) -> None:
    assert Engine().container("node") == Container(
        name="node",
        running=True,
        image="kindest/node:v1.35.0",
        labels={"io.x-k8s.kind.role": "control-plane"},
        mounts={"/srv/lab": "/home/me/lab", "/var": ""},
        ports={30443: 40443},
    )


def test_no_such_container(api: Api) -> None:
    assert Engine().container("other") is None


def test_an_image_that_is_offered(api: Api) -> None:
    assert Engine().offered("cgr.dev/chainguard/argocd:latest") is None


def test_an_image_that_is_not_offered_has_its_reason(api: Api) -> None:
    api.refused = docker.errors.APIError("refused", explanation="unauthorized: log in")
    assert Engine().offered("cgr.dev/chainguard/argocd:v1") == "unauthorized: log in"


def test_a_pull_that_ends_well(api: Api) -> None:
    api.pulled = [{"status": "Downloading"}, {"status": "Status: Downloaded newer image"}]
    Engine().pull("registry:3")


def test_a_pull_that_begins_well_and_fails(api: Api) -> None:
    api.pulled = [{"status": "Pulling"}, {"error": "toomanyrequests: You have reached your pull rate limit"}]
    with pytest.raises(DockerFault, match=r"registry:3: toomanyrequests") as fault:
        Engine().pull("registry:3")
    assert fault.value.advice is not None
    assert "docker login" in fault.value.advice


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (
            "Error while fetching server API version: ('Connection aborted.', FileNotFoundError(2, 'No such file'))",
            "Start Docker",
        ),
        ("('Connection aborted.', ConnectionRefusedError(111, 'Connection refused'))", "Start Docker"),
        ("('Connection aborted.', PermissionError(13, 'Permission denied'))", "group “docker”"),
        ("HTTPConnectionPool: Read timed out. (read timeout=5)", "restart it"),
    ],
)
def test_an_engine_that_does_not_answer(monkeypatch: pytest.MonkeyPatch, error: str, advice: str) -> None:
    def refuse(**_: Any) -> None:
        raise docker.errors.DockerException(error)

    monkeypatch.setattr("docker.from_env", refuse)
    with pytest.raises(DockerFault, match="does not answer") as fault:
        Engine().info()
    assert fault.value.advice is not None
    assert advice in fault.value.advice
    assert fault.value.exit_code == 3
