"""References are read as registries understand them."""

from __future__ import annotations

import pytest

from grader.errors import InputError
from labs.image.reference import parse

DIGEST = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("cgr.dev/chainguard/crossplane", "cgr.dev/chainguard/crossplane:latest"),
        ("nginx", "docker.io/library/nginx:latest"),
        ("bitnami/redis:7", "docker.io/bitnami/redis:7"),
        ("localhost:5000/x:1", "localhost:5000/x:1"),
        (f"cgr.dev/a/b:1@{DIGEST}", f"cgr.dev/a/b@{DIGEST}"),
    ],
)
def test_read(text: str, shown: str) -> None:
    assert str(parse(text)) == shown


@pytest.mark.parametrize("text", ["", "UPPER/case", "a b", "cgr.dev/x@sha256:12", "cgr.dev/../etc/passwd", "x" * 600])
def test_refused(text: str) -> None:
    with pytest.raises(InputError, match="no image reference"):
        parse(text)
