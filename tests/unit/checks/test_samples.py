"""The samples as the oracle knows them are the samples that a lab makes."""

from __future__ import annotations

import pytest

from grader.checks import samples
from labs.registry.samples import SAMPLES
from labs.registry.table import signatures
from tests.worlds import MODULE

PARAMETERS = MODULE.exercise.parameters
SUBJECT, ISSUER, IMAGES = (str(PARAMETERS[name]) for name in ("subject", "issuer", "images"))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_signatures_are_the_labs_own(sample: object) -> None:
    from labs.registry.samples import Sample

    assert isinstance(sample, Sample)
    assert samples.known(sample.name)
    assert samples.signatures(sample.name, SUBJECT, ISSUER) == signatures(sample)


def test_every_probe_asks_about_a_known_sample() -> None:
    assert [spec.id for spec in MODULE.exercise.probes if not samples.known(spec.sample)] == []


def test_names_fit_the_pattern_where_they_are_to() -> None:
    assert samples.repository("signed-2", IMAGES) == "cgr.dev/chainguard/provider-signed2"
    assert samples.repository("unrelated-signed", IMAGES) == "cgr.dev/chainguard/image-unrelatedsigned"


def test_an_unknown_sample_is_known_as_such() -> None:
    assert not samples.known("anything-else")
