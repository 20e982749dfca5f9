"""Bills of materials: SPDX 2.3 documents in JSON (the fields that its clauses 6 to 11 demand)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from labs.registry import images, oci
from labs.registry.runtime import Runtime

PREDICATE = "https://spdx.dev/Document"
PACKAGE = "crossplane-package"
"""What a provider's package is called in every bill, so that two of them can be compared: its version is the tag."""
_LICENCE = "Apache-2.0"


def document(image: oci.Artifact, tag: str, runtime: Runtime, created: datetime) -> dict[str, Any]:
    """What is in the image: a provider's package with the kinds that it defines, the program, and the files of both."""
    name = image.repository.rsplit("/", 1)[-1]
    own = _package("Image", name, tag, "CONTAINER") | {"checksums": [_checksum(image.digest.removeprefix("sha256:"))]}
    program = _package("Runtime", runtime.name, runtime.version, "APPLICATION")
    packages, held = [own, program], _files("Runtime", runtime.layers)
    relations = [("DOCUMENT", "DESCRIBES", "Image"), ("Image", "CONTAINS", "Runtime")]
    layer = images.packed(image)
    if layer is not None:
        kinds = [_package(f"Kind-{number}", *kind, "OTHER") for number, kind in enumerate(images.kinds(layer))]
        packages += [_package("Package", PACKAGE, tag, "INSTALL"), *kinds]
        relations += [("Image", "CONTAINS", "Package")]
        relations += [("Package", "CONTAINS", f"Kind-{number}") for number in range(len(kinds))]
        held += _files("Package", [layer])
    relations += [(owner, "CONTAINS", f"File-{number}") for number, (owner, *_) in enumerate(held)]
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": name,
        "documentNamespace": f"https://platform-labs.invalid/spdx/{image.repository}/{image.digest}",
        "creationInfo": {"created": created.strftime("%Y-%m-%dT%H:%M:%SZ"), "creators": ["Tool: platform-labs"]},
        "packages": packages,
        "files": [_file(number, path, digest) for number, (_, path, digest) in enumerate(held)],
        "relationships": [
            {"spdxElementId": f"SPDXRef-{one}", "relationshipType": kind, "relatedSpdxElement": f"SPDXRef-{other}"}
            for one, kind, other in relations
        ],
    }


def _package(identifier: str, name: str, version: str, purpose: str) -> dict[str, Any]:
    return {
        "SPDXID": f"SPDXRef-{identifier}",
        "name": name,
        "versionInfo": version,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": _LICENCE,
        "licenseDeclared": _LICENCE,
        "copyrightText": "NOASSERTION",
        "supplier": "NOASSERTION",
        "primaryPackagePurpose": purpose,
    }


def _files(owner: str, layers: Sequence[bytes]) -> list[tuple[str, str, str]]:
    """Whose they are, path and SHA-256."""
    return [(owner, path, digest) for path, digest in sorted(images.files(layers).items())]


def _file(number: int, path: str, digest: str) -> dict[str, Any]:
    return {
        "SPDXID": f"SPDXRef-File-{number}",
        "fileName": f"./{path}",
        "checksums": [_checksum(digest)],
        "licenseConcluded": "NOASSERTION",
        "copyrightText": "NOASSERTION",
    }


def _checksum(digest: str) -> dict[str, str]:
    return {"algorithm": "SHA256", "checksumValue": digest}
