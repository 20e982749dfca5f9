"""A kubeconfig from somebody else: nothing runs, no file is read, no address is obeyed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from grader.errors import InputError
from grader.kube.kubeconfig import read


def written(folder: Path, cluster: dict[str, Any], user: dict[str, Any]) -> Path:
    path = folder / "config"
    content = {
        "current-context": "a",
        "clusters": [{"name": "a", "cluster": {"server": "https://127.0.0.1:1", **cluster}}],
        "users": [{"name": "a", "user": user}],
        "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a"}}],
    }
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("cluster", "user", "word"),
    [
        ({}, {"exec": {"command": "touch", "args": ["RAN"]}}, "exec"),
        ({}, {"auth-provider": {"name": "gcp", "config": {"cmd-path": "touch"}}}, "auth-provider"),
        ({}, {"client-certificate": "/etc/passwd"}, "client-certificate"),
        ({}, {"client-key": "/etc/passwd"}, "client-key"),
        ({}, {"tokenFile": "/etc/passwd"}, "tokenFile"),
        ({}, {"username": "a", "password": "b"}, "username"),
        ({}, {"as": "system:admin"}, "as"),
        ({"certificate-authority": "/etc/passwd"}, {}, "certificate-authority"),
        ({"proxy-url": "http://evil.example"}, {}, "proxy-url"),
        ({"insecure-skip-tls-verify": True}, {}, "insecure-skip-tls-verify"),
    ],
)
def test_what_would_act_is_refused_with_its_line(
    tmp_path: Path, cluster: dict[str, Any], user: dict[str, Any], word: str
) -> None:
    path = written(tmp_path, cluster, user)
    with pytest.raises(InputError) as caught:
        read(path)
    line = next(n for n, text in enumerate(path.read_text().splitlines(), 1) if text.strip().startswith(f"{word}:"))
    assert f"({word})" in caught.value.message
    assert (caught.value.where or "").startswith(f"{path}:{line}:")
    assert "--trust-kubeconfig" in caught.value.diagnostics()


def test_a_program_is_not_run_even_if_named_in_yaml_anchors(tmp_path: Path) -> None:
    flag = tmp_path / "RAN"
    path = tmp_path / "config"
    path.write_text(
        "x: &x {exec: {command: touch, args: ['" + str(flag) + "']}}\n"
        "current-context: a\nclusters: [{name: a, cluster: {server: 'https://127.0.0.1:1'}}]\n"
        "users: [{name: a, user: {<<: *x}}]\ncontexts: [{name: a, context: {cluster: a, user: a}}]\n"
    )
    with pytest.raises(InputError, match="exec"):
        read(path)
    assert not flag.exists()


@pytest.mark.parametrize(
    "server",
    [
        "https://user:pass@127.0.0.1", "https://127.0.0.1/?a=b", "file:///etc/passwd", "https://", "127.0.0.1:6443",
        "https://127.0.0.1:99999", "https://[::1", "https://127.0.0.1\r\nX: y", "https://аpi.example", "http://10.0.0.1",
    ],
)  # fmt: skip
def test_an_address_that_is_none(tmp_path: Path, server: str) -> None:
    with pytest.raises(InputError):
        read(written(tmp_path, {"server": server}, {}))


@pytest.mark.parametrize("token", ["a\r\nImpersonate-User: admin", "a b", "tökén", "a\x00"])
def test_a_token_cannot_smuggle_a_header(tmp_path: Path, token: str) -> None:
    with pytest.raises(InputError):
        read(written(tmp_path, {}, {"token": token}))


@pytest.mark.parametrize("value", ["not base64!", "aGVsbG8=", 7, ["a"], {"a": 1}])
def test_a_certificate_that_is_none(tmp_path: Path, value: Any) -> None:
    with pytest.raises(InputError):
        read(written(tmp_path, {"certificate-authority-data": value}, {}))


@pytest.mark.parametrize(
    "content",
    [
        b"", b"- a\n", b"\xff\xfe", b"a: [", b"clusters: 7\ncurrent-context: a\ncontexts: [{name: a}]\n",
        b"contexts: {}\n",
        b"current-context: a\ncontexts: [a]\n", b"current-context: a\ncontexts: [{name: a, context: 3}]\n",
        b"a: 1\na: 2\n", b"a: !!python/object/apply:os.system [id]\n", b"a: " + b"[" * 5000, b"x" * (2 << 20),
        b"a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\n" + b"d: [" + b"*c," * 20_000 + b"]\n", b"---\na: 1\n---\nb: 2\n",
    ],
    ids=lambda data: repr(data)[:30],
)  # fmt: skip
def test_a_file_that_is_no_kubeconfig(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "config"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read(path)
    assert str(path) in str(caught.value)


def test_a_folder_or_a_pipe_is_no_kubeconfig(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(InputError, match="not a file"):
            read(path)


def test_names_cannot_speak_to_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text('current-context: b\ncontexts: [{name: "a\\e[2Jb"}]\n')
    with pytest.raises(InputError) as caught:
        read(path)
    assert "\x1b" not in caught.value.diagnostics()
