"""Bills of materials: SPDX 2.3 documents in JSON (the fields that its clauses 6 to 11 demand)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from labs.registry import images, oci
from labs.registry.runtime import Runtime

PREDICATE = "https://spdx.dev/Document"
_LICENCE = "Apache-2.0"


def document(image: oci.Artifact, tag: str, runtime: Runtime, created: datetime) -> dict[str, Any]:
    """What is in the image: the image itself, the program that it runs, and that program's files."""
    name = image.repository.rsplit("/", 1)[-1]
    files = [_file(number, *found) for number, found in enumerate(sorted(images.files(runtime.layers).items()))]
    packages = [
        _package("Image", name, tag, "CONTAINER") | {"checksums": [_checksum(image.digest.removeprefix("sha256:"))]},
        _package("Runtime", runtime.name, runtime.version, "APPLICATION"),
    ]
    relations = [("DOCUMENT", "DESCRIBES", "Image"), ("Image", "CONTAINS", "Runtime")]
    relations += [("Runtime", "CONTAINS", f"File-{number}") for number in range(len(files))]
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": name,
        "documentNamespace": f"https://platform-labs.invalid/spdx/{image.repository}/{image.digest}",
        "creationInfo": {"created": created.strftime("%Y-%m-%dT%H:%M:%SZ"), "creators": ["Tool: platform-labs"]},
        "packages": packages,
        "files": files,
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
