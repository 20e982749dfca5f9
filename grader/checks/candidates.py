"""The learner's policy among all YAML and JSON files, and what only looks like it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from itertools import accumulate

from grader.errors import ManifestError
from grader.evidence.kustomize import MANIFEST, Build, build
from grader.evidence.model import File, Repository
from grader.evidence.patching import PatchFault
from grader.manifest import Document, Limits, load

GROUP = "kyverno.io"
KIND = "ClusterPolicy"
HINT = re.compile(rb"kyverno|ClusterPolicy|verifyImages", re.IGNORECASE)
"""What a file says that speaks of policies."""
_POLICY_LINE = re.compile(rb"""^[^#\n]*["']?kind["']?\s*:\s*["']?ClusterPolicy\b""", re.MULTILINE)
_LIMITS = Limits(size=128 << 10, nodes=20_000)
_TOTAL = 256 << 10  # bytes parsed of one tree: hostile YAML costs seconds a megabyte
_PROSE = (".md", ".markdown", ".rst", ".adoc", ".html", ".txt.gz", ".ipynb", ".py", ".go", ".sh")


class Likeness(StrEnum):
    """What something that is not the policy asked for is instead."""

    POLICY = "Policy"
    IMAGE_VALIDATING = "ImageValidatingPolicy"
    OTHER_GROUP = "another API group"
    SPELLING = "another spelling of the kind"
    NO_KIND = "an object that does not say its kind"
    LINK = "a symbolic link"
    UNREAD = "a file that is not read"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One ClusterPolicy of group kyverno.io (any version), and the file that holds it."""

    file: File
    document: Document

    @property
    def path(self) -> str:
        return self.file.path

    @property
    def name(self) -> str:
        """`metadata.name`, or an empty string."""
        return self.document.object_name

    @property
    def verifies_images(self) -> bool:
        """Whether any rule has `verifyImages`, in whatever shape."""
        spec = self.document.value.get("spec")
        rules = spec.get("rules") if isinstance(spec, dict) else None
        return isinstance(rules, list) and any(isinstance(rule, dict) and "verifyImages" in rule for rule in rules)


@dataclass(frozen=True, slots=True)
class Lookalike:
    """Something that is easily taken for the policy; `document` is None where the file is not read."""

    file: File
    likeness: Likeness
    document: Document | None = None


@dataclass(frozen=True, slots=True)
class Broken:
    """A file that is not YAML; `policy` where it evidently is to hold a ClusterPolicy."""

    file: File
    error: ManifestError
    policy: bool


_Parsed = tuple[Document, ...] | ManifestError


class Tree:
    """The learner's files at one place, the working tree or the commit, as read for policies."""

    def __init__(self, files: tuple[File, ...], folder: str, cache: dict[tuple[str, str], _Parsed]) -> None:
        self.files = files
        self.folder = folder.strip("/")
        self._cache = cache

    @cached_property
    def build(self) -> Build:
        """What Argo CD would build the exercise's folder from."""
        return build(self.files, self.folder)

    def deploys(self, file: File) -> bool:
        """Whether Argo CD would take the file."""
        return file.path in self.build.used

    def inside(self, file: File) -> bool:
        """Whether the file lies in the exercise's folder or below it."""
        return file.path.startswith(self.folder + "/")

    @cached_property
    def candidates(self) -> tuple[Candidate, ...]:
        """Readable ClusterPolicies, the likeliest first: what Argo CD takes, then what lies in the
        folder, then manifests before other files, then those that verify images."""
        found = [
            Candidate(file, document)
            for file, document in self._documents()
            if document.kind == KIND and _group(document) == GROUP
        ]
        return tuple(sorted(found, key=self._rank))

    @cached_property
    def lookalikes(self) -> tuple[Lookalike, ...]:
        """What is not the policy but easily taken for it."""
        seen = {file.path for file in self._readable}
        unread = [
            Lookalike(file, Likeness.LINK if file.is_link else Likeness.UNREAD)
            for file in self.files
            if self.inside(file) and MANIFEST.match(file.path) and file.path not in seen and file.content != b""
        ]
        read = [
            Lookalike(file, likeness, document)
            for file, document in self._documents()
            if (likeness := _likeness(document)) is not None
        ]
        return (*read, *unread)

    @cached_property
    def broken(self) -> tuple[Broken, ...]:
        """Files that are not YAML, those of the policy first."""
        found = [
            Broken(file, parsed, bool(_POLICY_LINE.search(file.content or b"")))
            for file, parsed in self._parsed
            if isinstance(parsed, ManifestError)
        ]
        return tuple(sorted(found, key=lambda one: (not one.policy, not self.inside(one.file), one.file.path)))

    @cached_property
    def _parsed(self) -> tuple[tuple[File, _Parsed], ...]:
        return tuple((file, self._parse(file)) for file in self._readable)

    @cached_property
    def _readable(self) -> tuple[File, ...]:
        """The files that are parsed, within bounds: those that speak of policies before others, then
        those of the exercise's folder."""
        wanted = [file for file in self.files if file.size <= _LIMITS.size and self._worth_reading(file)]
        ordered = sorted(wanted, key=lambda file: (not HINT.search(file.content or b""), not self.inside(file)))
        sums = accumulate(file.size for file in ordered)
        return tuple(file for file, total in zip(ordered, sums, strict=True) if total <= _TOTAL)

    def _worth_reading(self, file: File) -> bool:
        if not file.content or file.path.lower().endswith(_PROSE):
            return False
        if MANIFEST.match(file.path):
            return self.inside(file) or bool(HINT.search(file.content))
        return bool(_POLICY_LINE.search(file.content))

    def _parse(self, file: File) -> _Parsed:
        key = (file.path, file.blob)
        if key not in self._cache:
            try:
                self._cache[key] = tuple(_unpack(load(file.content or b"", file.path, _LIMITS)))
            except ManifestError as error:
                self._cache[key] = error
        return self._cache[key]

    def _documents(self) -> Iterator[tuple[File, Document]]:
        for file, parsed in self._parsed:
            if not isinstance(parsed, ManifestError):
                for document in parsed:
                    yield file, self._made(file, document)

    def _made(self, file: File, document: Document) -> Document:
        """The document as a kustomization's patches leave it; its lines are those of the file."""
        if not self.build.patches or self.build.problems:
            return document
        try:
            return replace(document, value=self.build.made(file.path, document.value))
        except PatchFault:
            return document

    def _rank(self, one: Candidate) -> tuple[bool, bool, bool, bool, str, int]:
        file = one.file
        plain = MANIFEST.match(file.path) is not None
        return (
            not self.deploys(file),
            not self.inside(file),
            not plain,
            not one.verifies_images,
            file.path,
            one.document.index,
        )


class Submission:
    """The learner's files at the commit and, where it was read, in the working tree."""

    def __init__(self, repository: Repository | None, folder: str) -> None:
        cache: dict[tuple[str, str], _Parsed] = {}
        self.commit = Tree(repository.files if repository else (), folder, cache)
        working = repository.working if repository else None
        self.working = None if working is None else Tree(working, folder, cache)

    @cached_property
    def current(self) -> Tree:
        """The working tree, unless only the commit has a policy."""
        if self.working is None:
            return self.commit
        has_one = self.working.candidates or any(one.policy for one in self.working.broken)
        return self.working if has_one or not self.commit.candidates else self.commit


def _unpack(documents: list[Document]) -> Iterator[Document]:
    """Documents with every List opened, as kubectl and Argo CD do; places are kept."""
    for document in documents:
        items = document.value.get("items") if isinstance(document.value, dict) else None
        if not document.kind.endswith("List") or not isinstance(items, list):
            yield document
            continue
        for index, item in enumerate(items):
            prefix = ("items", index)
            positions = {path[2:]: place for path, place in document.positions.items() if path[:2] == prefix}
            yield replace(document, value=item, positions=positions)


def _group(document: Document) -> str:
    version = document.value.get("apiVersion") if isinstance(document.value, dict) else None
    return version.rpartition("/")[0] if isinstance(version, str) else ""


def _likeness(document: Document) -> Likeness | None:
    kind, group = document.kind, _group(document)
    if kind == KIND:
        return None if group == GROUP else Likeness.OTHER_GROUP
    if kind == "Policy" and group == GROUP:
        return Likeness.POLICY
    if kind in ("ImageValidatingPolicy", "NamespacedImageValidatingPolicy"):
        return Likeness.IMAGE_VALIDATING
    if not kind and group == GROUP:
        return Likeness.NO_KIND
    letters = re.sub(r"[^a-z]", "", kind.lower())
    return Likeness.SPELLING if letters in ("clusterpolicy", "clusterpolicies", "clusterpolicys") else None
