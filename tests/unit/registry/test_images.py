"""Sample images: what a registry, containerd and Crossplane read in them."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from datetime import UTC, datetime
from typing import Any

import pytest
import yaml

from labs.image import sbom as reader
from labs.registry import images, oci, samples, sbom
from labs.registry.build import Built
from labs.registry.runtime import Runtime

WHEN = datetime(2026, 1, 1, tzinfo=UTC)
PROVIDERS = [row.name for row in samples.SAMPLES if row.provider]


def _read(artifact: oci.Artifact) -> tuple[dict[str, Any], dict[str, Any], list[bytes]]:
    """Manifest, configuration and unpacked layers, each found by its descriptor."""
    content = json.loads(artifact.data)
    held = {oci.digest(blob.data): blob.data for blob in artifact.blobs}
    for descriptor in (content["config"], *content["layers"]):
        assert descriptor["size"] == len(held[descriptor["digest"]])
    layers = [gzip.decompress(held[layer["digest"]]) for layer in content["layers"]]
    return content, json.loads(held[content["config"]["digest"]]), layers


@pytest.mark.parametrize("name", [row.name for row in samples.SAMPLES])
def test_runs_the_given_program(built: dict[str, Built], runtime: Runtime, name: str) -> None:
    content, config, layers = _read(built[name].image)
    assert content["mediaType"] == oci.MANIFEST
    assert config["rootfs"]["diff_ids"] == [oci.digest(layer) for layer in layers]
    assert (config["os"], config["architecture"]) == (runtime.os, runtime.architecture)
    assert config["config"]["Entrypoint"] == ["/pause"]
    assert layers[-1] == runtime.layers[-1]


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_provider_is_a_package(built: dict[str, Built], name: str) -> None:
    content, _, layers = _read(built[name].image)
    base = [layer.get("annotations", {}).get("io.crossplane.xpkg") == "base" for layer in content["layers"]]
    assert base == [True, False]
    with tarfile.open(fileobj=io.BytesIO(layers[0])) as archive:
        assert archive.getnames() == ["package.yaml"]
        stream = archive.extractfile("package.yaml")
        assert stream is not None
        meta, definition = yaml.safe_load_all(stream.read())
    assert (meta["apiVersion"], meta["kind"]) == ("meta.pkg.crossplane.io/v1", "Provider")
    assert meta["spec"] == {"controller": {}}
    assert definition["metadata"]["name"] == f"samples.{definition['spec']['group']}"


def test_no_two_packages_define_the_same_kind(built: dict[str, Built]) -> None:
    first = {json.loads(built[name].image.data)["layers"][0]["digest"] for name in PROVIDERS}
    assert len(first) == len(PROVIDERS)


@pytest.mark.parametrize("name", ["unrelated", "unrelated-signed"])
def test_an_unrelated_image_is_no_package(built: dict[str, Built], name: str) -> None:
    content, _, layers = _read(built[name].image)
    assert len(layers) == 1
    assert "annotations" not in content["layers"][0]


def test_every_image_says_who_made_it(built: dict[str, Built]) -> None:
    for one in built.values():
        _, config, _ = _read(one.image)
        assert "not by Chainguard" in config["config"]["Labels"]["org.opencontainers.image.description"]


def test_a_bill_of_materials_names_package_program_and_kind(built: dict[str, Built], runtime: Runtime) -> None:
    one = built["signed"]
    document = sbom.document(one.image, one.place.tag, runtime, WHEN)
    bill = reader.read(document)
    assert bill is not None
    name = one.place.repository.rsplit("/", 1)[-1]
    assert [(package.name, package.version) for package in bill.packages] == [
        ("crossplane-package", one.place.tag),
        ("pause", "3.10"),
        (f"samples.{name}.platform-labs.invalid", "v1"),
    ]


def test_a_bill_of_materials_lists_the_files_that_the_layers_hold(built: dict[str, Built], runtime: Runtime) -> None:
    for one in built.values():
        document = sbom.document(one.image, one.place.tag, runtime, WHEN)
        _, _, layers = _read(one.image)
        held = {f"./{path}": digest for path, digest in images.files(layers).items()}
        listed = {file["fileName"]: file["checksums"][0]["checksumValue"] for file in document["files"]}
        assert listed == held


def test_an_unrelated_image_has_its_program_alone(built: dict[str, Built], runtime: Runtime) -> None:
    one = built["unrelated"]
    bill = reader.read(sbom.document(one.image, one.place.tag, runtime, WHEN))
    assert bill is not None
    assert [package.name for package in bill.packages] == ["pause"]


@pytest.mark.parametrize("name", ["signed", "unrelated"])
def test_a_bill_of_materials_is_whole(built: dict[str, Built], runtime: Runtime, name: str) -> None:
    """SPDX 2.3, clauses 6, 7, 8 and 11: the fields that have to be there."""
    one = built[name]
    document = sbom.document(one.image, one.place.tag, runtime, WHEN)
    assert {"spdxVersion", "dataLicense", "SPDXID", "name", "documentNamespace", "creationInfo"} <= set(document)
    identifiers = [part["SPDXID"] for part in [*document["packages"], *document["files"]]]
    assert len(set(identifiers)) == len(identifiers)
    known = {document["SPDXID"], *(part["SPDXID"] for part in [*document["packages"], *document["files"]])}
    for relation in document["relationships"]:
        assert {relation["spdxElementId"], relation["relatedSpdxElement"]} <= known
    for package in document["packages"]:
        assert {"name", "SPDXID", "downloadLocation"} <= set(package)
    assert all(file["checksums"] for file in document["files"])
