"""Filling a registry, whole and in parts, and what is said when it does not go."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from labs.registry import build, oci
from labs.registry.authority import Authority
from labs.registry.build import Built
from labs.registry.push import Pushed, Registry, RegistryFault

if TYPE_CHECKING:
    from tests.unit.registry.conftest import Shelf


@pytest.fixture
def artifacts(built: dict[str, Built]) -> list[oci.Artifact]:
    return build.artifacts(tuple(built.values()))


def _all(shelf: Shelf, artifacts: list[oci.Artifact]) -> bool:
    wanted = {(one.repository, reference): one.data for one in artifacts for reference in one.references}
    return all(shelf.manifests.get(key) == data for key, data in wanted.items())


def test_brings_everything_in(shelf: Shelf, artifacts: list[oci.Artifact]) -> None:
    with Registry(shelf.address, ca=None) as registry:
        assert registry.answers()
        pushed = registry.push(artifacts)
    assert pushed.present == 0
    assert _all(shelf, artifacts)
    assert shelf.hosts == {"cgr.dev"}


def test_a_second_time_it_only_looks(shelf: Shelf, artifacts: list[oci.Artifact]) -> None:
    with Registry(shelf.address, ca=None) as registry:
        first = registry.push(artifacts)
        assert registry.push(artifacts) == Pushed(0, first.uploaded)


def test_goes_on_where_it_was_broken_off(shelf: Shelf, artifacts: list[oci.Artifact]) -> None:
    with Registry(shelf.address, ca=None) as registry:
        registry.push(artifacts[:3])
        rest = registry.push(artifacts)
        assert rest.present > 0
        assert rest.uploaded > 0
    assert _all(shelf, artifacts)


def test_a_tag_that_points_elsewhere_is_moved(shelf: Shelf, artifacts: list[oci.Artifact]) -> None:
    image = artifacts[0]
    shelf.manifests[image.repository, image.tags[0]] = b"another"
    with Registry(shelf.address, ca=None) as registry:
        registry.push([image])
    assert shelf.manifests[image.repository, image.tags[0]] == image.data


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_refusal_is_told_with_what_was_asked(shelf: Shelf, artifacts: list[oci.Artifact], method: str) -> None:
    shelf.refuse[method] = 507
    with Registry(shelf.address, ca=None) as registry, pytest.raises(RegistryFault, match=f"507 to {method}") as caught:
        registry.push(artifacts)
    assert caught.value.where == shelf.address
    assert "no room" in caught.value.message
    assert "\x1b" not in caught.value.message
    assert "kubectl" in (caught.value.advice or "")
    assert caught.value.exit_code == 3


def test_goes_on_after_a_refusal(shelf: Shelf, artifacts: list[oci.Artifact]) -> None:
    shelf.refuse["PUT"] = 500
    with Registry(shelf.address, ca=None) as registry:
        with pytest.raises(RegistryFault):
            registry.push(artifacts)
        shelf.refuse.clear()
        registry.push(artifacts)
    assert _all(shelf, artifacts)


def test_nobody_at_the_address_is_told(artifacts: list[oci.Artifact]) -> None:
    with Registry("127.0.0.1:9", ca=None) as registry:
        assert not registry.answers()
        with pytest.raises(RegistryFault, match="cannot be reached"):
            registry.push(artifacts)


def test_speaks_tls_to_the_registry_by_its_name(
    secure_shelf: Shelf, authority: Authority, artifacts: list[oci.Artifact], tmp_path: Path
) -> None:
    (tmp_path / "ca.crt").write_bytes(authority.tls.pem)
    with Registry(secure_shelf.address, ca=tmp_path / "ca.crt") as registry:
        registry.push(artifacts[:2])
    assert secure_shelf.hosts == {"cgr.dev"}


@pytest.mark.parametrize("wrong", ["authority", "name"])
def test_trusts_no_other_certificate(
    secure_shelf: Shelf, authority: Authority, artifacts: list[oci.Artifact], tmp_path: Path, wrong: str
) -> None:
    (tmp_path / "ca.crt").write_bytes((authority.fulcio if wrong == "authority" else authority.tls).pem)
    name = "quay.io" if wrong == "name" else "cgr.dev"
    with (
        Registry(secure_shelf.address, ca=tmp_path / "ca.crt", name=name) as registry,
        pytest.raises(RegistryFault, match="its certificate is not the lab's"),
    ):
        registry.push(artifacts[:1])


def test_leaves_the_environments_proxy_aside(
    shelf: Shelf, artifacts: list[oci.Artifact], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with Registry(shelf.address, ca=None) as registry:
        registry.push(artifacts[:1])
    assert _all(shelf, artifacts[:1])
