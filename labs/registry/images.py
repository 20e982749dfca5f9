"""Sample images: ordinary OCI images, of which a provider's is a Crossplane package too.

Package format: Crossplane 1.15 `internal/xpkg` and `contributing/specifications/xpkg.md`: the layer
annotated `io.crossplane.xpkg: base` holds `package.yaml`, one meta object and its CRDs.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import yaml

from labs.registry import oci
from labs.registry.runtime import Runtime

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PACKAGE = {"io.crossplane.xpkg": "base"}


def image(
    repository: str, tag: str, runtime: Runtime, created: datetime, *, provider: bool, name: str | None = None
) -> oci.Artifact:
    """An image that runs `runtime`; with `provider` a package that Crossplane can install.

    `name` labels what the image is, so that no two images of a lab are the same.
    """
    name = name or repository.rsplit("/", 1)[-1]
    packed = [(tar, _layer(tar)) for tar in runtime.layers]
    if provider:
        tar = _archive({"package.yaml": package(name)})
        packed.insert(0, (tar, _layer(tar, _PACKAGE)))
    config = {
        "created": created.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "architecture": runtime.architecture,
        "os": runtime.os,
        "config": dict(runtime.config) | {"Labels": _labels(name, tag)},
        "rootfs": {"type": "layers", "diff_ids": [oci.digest(tar) for tar, _ in packed]},
        "history": [{"created_by": "platform-labs"} for _ in packed],
    }
    return oci.manifest(
        repository, oci.Blob(oci.CONFIG, oci.encode(config)), [layer for _, layer in packed], tags=[tag]
    )


def package(name: str) -> bytes:
    """A provider's `package.yaml`; its controller is the package's own image."""
    meta = {
        "apiVersion": "meta.pkg.crossplane.io/v1",
        "kind": "Provider",
        "metadata": {"name": name, "annotations": {"meta.crossplane.io/description": "A sample of platform-labs"}},
        "spec": {"controller": {}},
    }
    return yaml.safe_dump_all([meta, _definition(name)], sort_keys=False).encode()


def _definition(name: str) -> dict[str, Any]:
    group = f"{name}.platform-labs.invalid"
    schema = {"type": "object", "properties": {"spec": {"type": "object", "properties": {"note": {"type": "string"}}}}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"samples.{group}"},
        "spec": {
            "group": group,
            "names": {"kind": "Sample", "listKind": "SampleList", "plural": "samples", "singular": "sample"},
            "scope": "Cluster",
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}],
        },
    }


def files(tars: Sequence[bytes]) -> dict[str, str]:
    """The regular files of these layers and the SHA-256 of each."""
    found = {}
    for tar in tars:
        with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
            for member in archive:
                stream = archive.extractfile(member) if member.isfile() else None
                if stream:
                    found[member.name.removeprefix("./")] = hashlib.sha256(stream.read()).hexdigest()
    return found


def packed(image: oci.Artifact) -> bytes | None:
    """The layer that makes a provider's image a package, as a tar file; None where it has none."""
    found = (gzip.decompress(blob.data) for blob in image.blobs if blob.annotations == _PACKAGE)
    return next(found, None)


def kinds(layer: bytes) -> list[tuple[str, str]]:
    """The kinds that a package defines: the name of each definition, and the version that it stores."""
    with tarfile.open(fileobj=io.BytesIO(layer)) as archive:
        stream = archive.extractfile("package.yaml")
        documents = list(yaml.load_all(stream, _LOADER)) if stream else []
    return [
        (one["metadata"]["name"], version["name"])
        for one in documents
        if one["kind"] == "CustomResourceDefinition"
        for version in one["spec"]["versions"]
        if version["storage"]
    ]


def _labels(name: str, tag: str) -> dict[str, str]:
    return {
        "org.opencontainers.image.title": name,
        "org.opencontainers.image.version": tag,
        "org.opencontainers.image.description": "A sample made by platform-labs on this machine; not by Chainguard.",
    }


def _layer(tar: bytes, annotations: Mapping[str, str] | None = None) -> oci.Blob:
    return oci.Blob(oci.LAYER, gzip.compress(tar, 6, mtime=0), annotations or {})


def _archive(content: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, data in content.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(data), 0o644
            archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()
