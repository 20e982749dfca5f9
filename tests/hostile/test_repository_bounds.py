"""Repositories that are too large, too deep or without an end: every size has a bound."""

from __future__ import annotations

import tracemalloc
import zlib
from hashlib import sha1
from pathlib import Path

import pytest
from dulwich.objects import Blob, ObjectID, Tree

from grader.errors import InputError
from grader.evidence import git_files
from tests.hostile_clone import FILE, POLICY, cloned, judged, put, read, tree_of, within
from tests.repositories import FOLDER, Clone


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return cloned(tmp_path)


def test_huge_file_is_listed_and_not_read(clone: Clone) -> None:
    size = 64 << 20
    squeeze = zlib.compressobj(1)
    header = b"blob %d\0" % size
    digest = sha1(header, usedforsecurity=False)
    packed = squeeze.compress(header)
    for _ in range(size >> 20):
        digest.update(bytes(1 << 20))
        packed += squeeze.compress(bytes(1 << 20))
    name = digest.hexdigest()
    path = clone.path / ".git/objects" / name[:2] / name[2:]
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(packed + squeeze.flush())
    clone.commit_tree(ObjectID(tree_of(clone, (b"kyverno.yaml", 0o100644, name.encode()))))
    tracemalloc.start()
    (file,) = read(clone, revision="main").files
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (file.size, file.content) == (size, None)
    assert peak < 8 << 20


def test_object_that_is_longer_than_it_says_is_damage(clone: Clone) -> None:
    blob = put(clone, b"blob", b"a: 1\n")
    path = clone.path / ".git/objects" / blob[:2].decode() / blob[2:].decode()
    path.write_bytes(zlib.compress(b"blob 5\0a: 1\n" + bytes(32 << 20)))
    clone.commit_tree(ObjectID(tree_of(clone, (b"kyverno.yaml", 0o100644, blob))))
    with pytest.raises(InputError, match="damaged"):
        read(clone, revision="main")


def test_ten_thousand_files_are_read_in_time(clone: Clone) -> None:
    blob = Blob.from_string(POLICY.encode())
    tree = Tree()
    for number in range(10_000):
        tree.add(b"policy-%05d.yaml" % number, 0o100644, blob.id)
    for one in (blob, tree):
        clone.repo.object_store.add_object(one)
    clone.commit_tree(tree.id)
    found = within(30, lambda: read(clone, revision="main"))
    assert len(found.files) == 10_000
    assert within(30, lambda: judged(found))


def test_tree_that_unfolds_for_ever_meets_a_bound(clone: Clone) -> None:
    """Ten levels of ten times the same tree: few objects, ten thousand million files."""
    blob = put(clone, b"blob", b"a: 1\n")
    sha = tree_of(clone, *((b"f%d.yaml" % number, 0o100644, blob) for number in range(10)))
    for _ in range(10):
        sha = tree_of(clone, *((b"d%d" % number, 0o40000, sha) for number in range(10)))
    clone.commit_tree(ObjectID(sha))
    found = within(30, lambda: read(clone, revision="main"))
    assert len(found.files) <= git_files.MAX_FILES
    assert any("not looked at" in note or "looked at" in note for note in found.notes)


def test_folders_without_files_meet_a_bound(clone: Clone) -> None:
    sha = tree_of(clone)
    for _ in range(10):
        sha = tree_of(clone, *((b"d%d" % number, 0o40000, sha) for number in range(10)))
    clone.commit_tree(ObjectID(sha))
    found = within(30, lambda: read(clone, revision="main"))
    assert found.files == ()
    assert any("were not looked at" in note for note in found.notes)


def test_very_deep_folders_meet_a_bound(clone: Clone) -> None:
    sha = tree_of(clone, (b"policy.yaml", 0o100644, put(clone, b"blob", POLICY.encode())))
    for _ in range(3000):
        sha = tree_of(clone, (b"d", 0o40000, sha))
    clone.commit_tree(ObjectID(sha))
    assert any("deep" in note for note in read(clone, revision="main").notes)


@pytest.mark.parametrize(
    "content",
    [
        "a: &a [x, x]\n"
        + "".join(f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(24)),
        "[" * 100_000,
        "{" * 5_000 + "}" * 5_000,
        "- " * 60_000,
        "--- \n" * 20_000,
        "a: 'unending",
        "? " * 3_000,
        "\x00\x01\x02",
        "&a [*a]",
    ],
    ids=["aliases", "brackets", "braces", "dashes", "documents", "quote", "keys", "binary", "itself"],
)
def test_yaml_bombs_are_refused_in_time(clone: Clone, content: str) -> None:
    clone.write(FILE, f"apiVersion: kyverno.io/v1\nkind: ClusterPolicy\n---\n{content}")
    found = read(clone)
    assert within(20, lambda: judged(found))


def test_megabytes_of_yaml_are_not_parsed(clone: Clone) -> None:
    for number in range(40):
        clone.write(f"{FOLDER}/kyverno-{number}.yaml", "kind: ClusterPolicy\na: [" + "a," * 60_000 + "]\n")
    found = read(clone)
    assert within(20, lambda: judged(found))
