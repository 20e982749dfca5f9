"""The table of samples, and where they lie."""

from __future__ import annotations

import re
from dataclasses import asdict

import pytest

from labs.registry import build, samples
from labs.registry.authority import Authority
from labs.registry.build import Built
from labs.registry.samples import OFFICIAL, SAMPLES, Sample

NAMES = {
    "signed", "signed-2", "unsigned", "other-repository", "other-workflow", "other-branch", "pull-request",
    "look-alike", "other-issuer", "other-authority", "other-digest", "forged-log", "no-log", "expired",
    "unrelated-signed", "unrelated",
}  # fmt: skip
FLAWED = [row for row in SAMPLES if row.signature not in ("signed", "unsigned")]


def test_every_kind_is_there() -> None:
    assert [row.name for row in SAMPLES if row.name in NAMES] == [row.name for row in SAMPLES]
    assert {row.name for row in SAMPLES} == NAMES


@pytest.mark.parametrize("row", FLAWED, ids=lambda row: row.name)
def test_a_flawed_sample_differs_from_a_good_one_by_its_flaw_alone(row: Sample) -> None:
    good = asdict(samples.of("signed"))
    changed = {key for key, value in asdict(row).items() if value != good[key]} - {"name", "signature"}
    expected = {"no-log": {"logging", "validity"}, "other-authority": {"trust"}, "other-digest": {"copies"}}
    expected |= {"forged-log": {"logging"}, "expired": {"validity"}}
    assert changed == expected.get(row.name, {"identity"})
    assert row.signature == row.name


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("other-repository", r"https://github.com/chainguard-images/images"),
        ("other-workflow", r"https://github.com/chainguard-images/images/.github/workflows/"),
        ("other-branch", OFFICIAL.subject),
        ("pull-request", r"https://github.com/chainguard-images/images/.github/workflows/release.yaml@refs/"),
    ],
)
def test_an_open_end_in_a_subject_lets_it_in(name: str, near: str) -> None:
    """So a policy whose pattern stops short is seen to."""
    identity = samples.of(name).identity
    assert identity is not None
    assert identity.subject.startswith(near)
    assert identity.subject != OFFICIAL.subject


def test_an_open_start_in_a_subject_lets_the_look_alike_in() -> None:
    identity = samples.of("look-alike").identity
    assert identity is not None
    assert re.search(re.escape(OFFICIAL.subject) + "$", identity.subject)
    assert not re.match(re.escape(OFFICIAL.subject), identity.subject)


def test_an_open_end_in_an_issuer_lets_the_other_in() -> None:
    identity = samples.of("other-issuer").identity
    assert identity is not None
    assert identity.issuer.startswith(OFFICIAL.issuer)
    assert identity.issuer != OFFICIAL.issuer


def test_places_are_apart_and_well_formed(authority: Authority) -> None:
    places = samples.places(authority)
    assert len({place.repository for place in places.values()}) == len(SAMPLES)
    for row in SAMPLES:
        kind = "provider" if row.provider else "image"
        assert re.fullmatch(rf"chainguard/{kind}-[a-z][a-z0-9]{{3}}", places[row.name].repository)
        assert re.fullmatch(r"v\d\.\d{1,2}\.\d{1,2}", places[row.name].tag)


def test_places_are_the_labs_own(authority: Authority) -> None:
    again = samples.places(Authority(authority.seed, authority.created))
    other = samples.places(Authority(b"\x02" * 32, authority.created))
    assert again == samples.places(authority)
    assert {place.repository for place in other.values()} != {place.repository for place in again.values()}


def test_what_a_lab_publishes(built: dict[str, Built]) -> None:
    published = build.lab_samples(tuple(built.values()))
    assert set(published) == NAMES
    signed, place = published["signed"], built["signed"].place
    assert signed == {
        "image": f"cgr.dev/{place.repository}",
        "tag": place.tag,
        "digest": built["signed"].image.digest,
        "signature": "signed",
    }
    assert published["unrelated"]["signature"] == "unsigned"
    assert published["unrelated-signed"]["signature"] == "signed"
    assert len({one["digest"] for one in published.values()}) == len(NAMES)


def test_a_lab_is_built_alike_each_time(authority: Authority, built: dict[str, Built], runtime: object) -> None:
    again = build.build_all(Authority(authority.seed, authority.created), runtime)  # type: ignore[arg-type]
    assert build.artifacts(again) == build.artifacts(tuple(built.values()))
