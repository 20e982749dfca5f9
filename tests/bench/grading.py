"""How fast a grading is: of a repository alone, and of a live lab against a bare client's same probes."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from grader import course
from grader.collect import Source, collect
from grader.evidence.model import Evidence
from grader.grade import judge
from grader.kube import Kube, Refusal, connect, resource
from tests.bench.timing import Row, paired

COURSE = course.read()
MODULE = COURSE.module("01-chainguard-images")


def repository() -> Iterator[str]:
    """Gradings a second of a repository with 50 commits and 100 files."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "platform"
        _history(path)
        source = Source(path, revision="main")
        start, count = time.process_time(), 40
        for _ in range(count):
            judge(MODULE, collect(COURSE, MODULE, source, None))
        seconds = (time.process_time() - start) / count
        yield f"repository-only grading: {seconds * 1000:.1f} ms of one core, {1 / seconds:.0f} a second (aim: 100)"


def _history(path: Path) -> None:
    def git(*arguments: str) -> None:
        who = ("-c", "user.name=Bench", "-c", "user.email=bench@example.org", "-c", "init.defaultBranch=main")
        subprocess.run(["git", *who, *arguments], cwd=path, check=True, capture_output=True)

    reference = MODULE.solutions[0]
    path.mkdir()
    git("init")
    for file in (one for one in reference.rglob("*.yaml") if one.name != "about.yaml"):
        target = path / file.relative_to(reference)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.read_bytes())
    for number in range(100):
        (path / f"notes-{number}.md").write_text(f"Note {number}\n" * 20)
    for number in range(50):
        (path / "README.md").write_text(f"Version {number}\n")
        git("add", "-A")
        git("commit", "-m", f"Change {number}")


def live() -> Iterator[Row]:
    """A full grading of a finished lab against its own probes sent by one bare client.

    Needs LABS_BENCH=CLONE:KUBECONFIG; without it there is nothing to measure.
    """
    given = os.environ.get("LABS_BENCH")
    if not given:
        return
    clone, _, kubeconfig = given.partition(":")
    kube = connect(Path(kubeconfig))
    evidence = collect(COURSE, MODULE, Source(Path(clone)), kube)
    seconds, other = paired(lambda: _whole(Path(clone), kube), lambda: _bare(kube, evidence), runs=5)
    yield Row("a full live grading", "the same probes by one bare client", seconds, other, 1.5)


def _whole(clone: Path, kube: Kube) -> None:
    judge(MODULE, collect(COURSE, MODULE, Source(clone), kube))


def _bare(kube: Kube, evidence: Evidence) -> None:
    questions = [one.question for one in evidence.probes if one.question and one.question.get("kind") in _PLURALS]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda question: _send(kube, question), questions))


_PLURALS = {"Pod": ("v1", "pods"), "Deployment": ("apps/v1", "deployments")}


def _send(kube: Kube, question: dict[str, object]) -> None:
    version, plural = _PLURALS[str(question["kind"])]
    metadata = question["metadata"]
    namespace = str(metadata["namespace"]) if isinstance(metadata, dict) else "default"
    try:
        kube.create(resource(version, plural, namespace), question, dry_run=True)
    except Refusal:  # a denial is an answer as good as another
        return
