"""Refusals of requests that cannot be read, in the API server's words."""

from __future__ import annotations

import pytest

from labs.cluster.simulated.api.errors import ApiError
from labs.cluster.simulated.server.wire import decoded
from tests.sim_world import World

MERGE = "application/merge-patch+json"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("{bad", "invalid character 'b' looking for beginning of object key string"),
        ('{"a" 1}', "invalid character '1' after object key"),
        ('{"a": x}', "invalid character 'x' looking for beginning of value"),
        ('{"a": 1 "b"}', "invalid character '\"' after object key:value pair"),
        ("[1 2]", "invalid character '2' after array element"),
        ('{"a": [1 2]}', "invalid character '2' after array element"),
        ('{"a": 1} x', "invalid character 'x' after top-level value"),
        ('{"a": 1', "unexpected end of JSON input"),
        ('{"a', "unexpected end of JSON input"),
        ("", "unexpected end of JSON input"),
        ('{"a": NaN}', "invalid character 'N' looking for beginning of value"),
        ("[" * 100_000, "exceeded max depth"),
    ],
)
def test_json_that_cannot_be_read(body: str, words: str) -> None:
    with pytest.raises(ApiError) as caught:
        decoded(body.encode(), MERGE)
    assert (caught.value.code, caught.value.message) == (400, f"error decoding patch: {words}")
    with pytest.raises(ApiError, match="couldn't get version/kind; json parse error: "):
        decoded(body.encode(), "application/json")


@pytest.mark.parametrize("plural", ["pods", "events", "configmaps"])
def test_a_field_that_may_not_be_selected_by(tmp_path_factory: pytest.TempPathFactory, plural: str) -> None:
    world = World(tmp_path_factory.mktemp("lab"))
    with pytest.raises(ApiError) as caught:
        world.cluster.list(world.kind(plural), "default", field="foo=bar")
    assert (caught.value.reason, caught.value.message) == ("BadRequest", "field label not supported: foo")
    assert world.cluster.list(world.kind(plural), "default", field="metadata.name!=x,metadata.namespace=y") == []
