"""Image references as Kyverno compares them."""

from __future__ import annotations

import pytest

from grader.kyverno.references import parse

DIGEST = "sha256:" + "b" * 64


@pytest.mark.parametrize(
    ("image", "shown"),
    [
        ("nginx", "docker.io/nginx:latest"),
        ("bitnami/nginx:1", "docker.io/bitnami/nginx:1"),
        ("cgr.dev/chainguard/provider-x", "cgr.dev/chainguard/provider-x:latest"),
        ("cgr.dev/chainguard/provider-x:v1", "cgr.dev/chainguard/provider-x:v1"),
        (f"cgr.dev/chainguard/provider-x@{DIGEST}", f"cgr.dev/chainguard/provider-x@{DIGEST}"),
        (f"cgr.dev/chainguard/provider-x:v1@{DIGEST}", f"cgr.dev/chainguard/provider-x@{DIGEST}"),
        ("localhost/x", "localhost/x:latest"),
        ("localhost:5000/x", "localhost:5000/x:latest"),
        ("registry:5000/a/b:c", "registry:5000/a/b:c"),
    ],
)
def test_registry_and_tag_are_filled_in(image: str, shown: str) -> None:
    assert str(parse(image)) == shown


@pytest.mark.parametrize(
    "image",
    ["", "cgr.dev/Chainguard/x", "https://cgr.dev/x", "cgr.dev/x:", "cgr.dev/x@sha256:abc", "a b", "cgr.dev//x"],
)
def test_what_kyverno_cannot_read(image: str) -> None:
    assert parse(image) is None


def test_a_digest_is_written_behind_the_tag() -> None:
    reference = parse("cgr.dev/x:v1")
    assert reference is not None
    assert reference.pinned(DIGEST).written == f"cgr.dev/x:v1@{DIGEST}"
    assert str(reference.pinned(DIGEST)) == f"cgr.dev/x@{DIGEST}"
