"""The lab's secrets: made once, kept safe, the same for ever."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from grader.errors import EnvironmentFault, LabsError
from labs.registry import authority as subject
from labs.registry import keys
from labs.registry.authority import Authority

NOW = datetime(2026, 5, 4, 3, 2, 1, 500, tzinfo=UTC)


def test_is_made_once_and_read_again(tmp_path: Path) -> None:
    first = subject.load_or_create(tmp_path / "registry", NOW)
    again = subject.load_or_create(tmp_path / "registry", NOW + timedelta(days=9))
    assert (again.seed, again.created) == (first.seed, NOW.replace(microsecond=0))


def test_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    subject.load_or_create(tmp_path, NOW)
    assert (tmp_path / subject.FILE).stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir()] == [subject.FILE]


def test_says_nothing_of_its_seed(tmp_path: Path) -> None:
    made = subject.load_or_create(tmp_path, NOW)
    assert repr(made.seed)[2:-1] not in repr(made)


def test_no_two_labs_share_a_key(tmp_path: Path) -> None:
    labs = [subject.load_or_create(tmp_path / name, NOW) for name in ("one", "two")]
    one, two = (keys.spki(lab.fulcio.key.public_key()) for lab in labs)
    assert one != two


def test_all_keys_of_a_lab_differ(authority: Authority) -> None:
    used = [
        authority.fulcio.key,
        authority.other.key,
        authority.tls.key,
        authority.certificate_log,
        authority.log.key,
        authority.forged_log.key,
    ]
    assert len({keys.log_id(key.public_key()) for key in used}) == len(used)


@pytest.mark.skipif(not keys.repeatable(), reason="this OpenSSL has no deterministic ECDSA")
def test_certificates_are_the_same_each_time(authority: Authority) -> None:
    again = Authority(authority.seed, authority.created)
    assert again.fulcio.pem == authority.fulcio.pem
    assert again.server(["cgr.dev"], []).chain == authority.server(["cgr.dev"], []).chain


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        json.dumps({"schema": "platform-labs/authority/v2", "seed": "QQ==", "created": NOW.isoformat()}),
        json.dumps({"schema": subject.SCHEMA, "seed": "QQ==", "created": NOW.isoformat()}),
        json.dumps({"schema": subject.SCHEMA, "seed": "QQ" * 21 + "Q=", "created": "2026-01-01T00:00:00"}),
        json.dumps({"schema": subject.SCHEMA, "seed": None, "created": None}),
    ],
)
def test_a_damaged_file_is_named_with_the_way_out(tmp_path: Path, content: str) -> None:
    (tmp_path / subject.FILE).write_text(content)
    with pytest.raises(LabsError, match="platform-labs/authority/v1") as caught:
        subject.load_or_create(tmp_path, NOW)
    assert caught.value.where == str(tmp_path / subject.FILE)
    assert "labs down" in (caught.value.advice or "")


def test_a_folder_that_cannot_be_made_is_the_machines_fault(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvironmentFault, match="cannot be made"):
        subject.load_or_create(tmp_path / "file" / "registry", NOW)
