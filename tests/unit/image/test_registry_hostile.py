"""A registry that lies, overflows or falls silent does no harm: a clear error, or a verdict that is not good."""

from __future__ import annotations

import gzip
import json

import pytest

from grader.errors import LabsError
from labs.image import attached, reference, tell, verify
from labs.image.certificates import Signed
from labs.image.roots import Roots
from labs.image.source import Endpoint, Source
from labs.image.verify import Verdict
from labs.registry import oci, samples
from labs.registry.build import Built
from tests.unit.image.conftest import Shelf

WANTED = Signed(samples.OFFICIAL.subject, samples.OFFICIAL.issuer)
AT = "/v2/x/y/manifests/latest"
NAME = reference.parse("cgr.dev/x/y")


@pytest.mark.parametrize(
    "body",
    [b"", b"no json", b"[1]", b"3", b"[" * 100_000, b"\xff\xfe", b"{" + b" " * (5 << 20) + b"}"],
    ids=["empty", "text", "list", "number", "deep", "binary", "huge"],
)
def test_a_manifest_that_is_none(shelf: Shelf, body: bytes) -> None:
    shelf.answers[AT] = body
    with pytest.raises(LabsError):
        attached.resolve(shelf.source(), NAME)


def test_a_manifest_of_another_digest(shelf: Shelf) -> None:
    digest = "sha256:" + "a" * 64
    shelf.answers[f"/v2/x/y/manifests/{digest}"] = b'{"layers": []}'
    with pytest.raises(LabsError, match="other content than asked for"):
        attached.resolve(shelf.source(), NAME.with_digest(digest))


@pytest.mark.parametrize("digest", ["../../../etc/passwd", "sha256:1", "\x1b[31m", None, 7, {"a": 1}])
def test_an_index_that_leads_elsewhere(shelf: Shelf, digest: object) -> None:
    shelf.answers[AT] = json.dumps({"manifests": [{"digest": digest}]}).encode()
    with pytest.raises(LabsError) as caught:
        attached.resolve(shelf.source(), NAME)
    assert "\x1b" not in caught.value.diagnostics()
    assert shelf.asked == [AT]


@pytest.mark.parametrize("listed", [None, 3, "x", {"a": 1}, [None, 3, "x"]])
def test_an_index_of_nothing(shelf: Shelf, listed: object) -> None:
    shelf.answers[AT] = json.dumps({"manifests": listed}).encode()
    assert attached.resolve(shelf.source(), NAME).digest.startswith("sha256:")


def test_a_blob_of_another_digest(lab_shelf: Shelf, built: dict[str, Built], both: tuple[Roots, ...]) -> None:
    for path in lab_shelf.answers:
        if "/blobs/" in path:
            lab_shelf.answers[path] = b"{}"
    source = lab_shelf.source()
    image = attached.resolve(source, reference.parse(f"{built['signed'].place.image}:{built['signed'].place.tag}"))
    with pytest.raises(LabsError, match="other content than asked for"):
        verify.verify(source, image, both, WANTED)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[]",
        b"no json",
        b"[" * 100_000,
        gzip.compress(b"x"),
        b'{"verificationMaterial": {"certificate": 3}}',
    ],
    ids=["empty", "object", "list", "text", "deep", "binary", "wrong"],
)
@pytest.mark.parametrize("place", ["sig", "att", "bundle"])
def test_an_attachment_that_is_none(shelf: Shelf, both: tuple[Roots, ...], data: bytes, place: str) -> None:
    empty = oci.Blob(oci.EMPTY, b"{}")
    image = oci.manifest("x/y", empty, [], tags=["latest"])
    about = image.digest.replace(":", "-")
    annotations = {"dev.cosignproject.cosign/signature": "", "dev.sigstore.cosign/certificate": "\x1b[31mno"}
    kind = attached.BUNDLE + ".v0.3+json"
    layer = oci.Blob(kind, data, annotations)
    tags = [] if place == "bundle" else [f"{about}.{place}"]
    held = oci.manifest("x/y", empty, [layer], tags=tags, artifact_type=kind)
    for artifact in (image, held, oci.index("x/y", [held], tags=[about] if place == "bundle" else ["other"])):
        shelf.put(artifact)
    source = shelf.source()
    found = verify.verify(source, attached.resolve(source, NAME), both, WANTED)
    assert found.verdict in (Verdict.NOT_TRUSTED, Verdict.UNSIGNED)
    assert [one.verdict for one in (*found.signatures, *found.attestations)] == [Verdict.NOT_TRUSTED]
    assert "\x1b" not in "\n".join(tell.verification(found))


def test_a_lab_that_does_not_run_is_said_so(shelf: Shelf) -> None:
    """Port 1 of loopback answers nobody, neither for the lab nor for the public registry."""
    source = Source({"localhost:1": Endpoint("http://127.0.0.1:1")})
    with pytest.raises(LabsError, match="the lab's registry does not answer"):
        source.manifest(reference.parse("localhost:1/x/y"))


def test_what_the_lab_holds_is_asked_nowhere_else(lab_shelf: Shelf, built: dict[str, Built]) -> None:
    source, place = lab_shelf.source(), built["unsigned"].place
    image = attached.resolve(source, reference.parse(f"{place.image}:{place.tag}"))
    assert source.own_holds(image.reference)
    assert source.find(reference.parse(f"{place.image}:other")) is None
