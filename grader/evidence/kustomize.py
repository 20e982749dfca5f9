"""Which files of a folder Argo CD would build from: a plain directory, or a kustomization.

Rules of Argo CD 3.2.11 (util/app/discovery, reposerver/repository findManifests): a `Chart.yaml`
makes the folder a Helm chart, a kustomization file makes it a kustomization, which builds only
what it lists; else every `*.yaml`, `*.yml` and `*.json` at the top of the folder is taken, and no
subfolder is entered. Fields and errors of a kustomization: kustomize 5.7.1
(api/types/kustomization.go, and what its program refuses).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

from grader.errors import ManifestError
from grader.evidence import kustomize_patches
from grader.evidence.kustomize_patches import Patch
from grader.evidence.model import File
from grader.evidence.patching import PatchFault
from grader.manifest import Document, load
from grader.text import one_line, quoted

NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
MANIFEST = re.compile(r".*\.(yaml|yml|json)\Z", re.DOTALL)
SKIP_MARKER = b"+argocd:skip-file-rendering"  # reposerver/repository/repository.go
_MAX_FOLDERS = 50
_LISTS = ("resources", "bases", "components")
_PATCHES = kustomize_patches.FIELDS
# Fields that leave the spec of a ClusterPolicy as it is.
_HARMLESS = frozenset((
    "apiVersion", "kind", "metadata", "labels", "commonLabels", "commonAnnotations", "configMapGenerator",
    "secretGenerator", "generatorOptions", "images", "imageTags", "replicas", "sortOptions", "buildMetadata",
))  # fmt: skip
# Fields that may change a ClusterPolicy, or bring in another.
_CHANGING = frozenset((
    "openapi", "namePrefix", "nameSuffix", "namespace", "replacements", "vars", "crds", "helmGlobals", "helmCharts",
    "helmChartInflationGenerator", "configurations", "generators", "transformers", "validators",
))  # fmt: skip

_KNOWN = _HARMLESS | _CHANGING | frozenset((*_LISTS, *_PATCHES))


@dataclass(frozen=True, slots=True)
class Build:
    """What Argo CD would build a folder from.

    `used` are the paths of the manifests taken. `problems` stop the whole build (a file that is
    listed and not there); `unsure` says what may change the result in a way that is not told here.
    `root` is the kustomization's or chart's own file. Both lists hold `place: text`. `patches` are those
    whose effect is known, in their order, each with the files that it is put to.
    """

    mode: Literal["directory", "kustomization", "helm"]
    used: frozenset[str] = frozenset()
    root: str | None = None
    problems: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()
    patches: tuple[tuple[frozenset[str], Patch], ...] = ()

    def made(self, path: str, value: Any) -> Any:
        """What the build makes of an object in the file at `path`, by the patches that are known. `value` stays."""
        for paths, patch in self.patches:
            if path in paths and patch.fits(value):
                value = patch.apply(value)
        return value


def build(files: Iterable[File], folder: str) -> Build:
    """What Argo CD would build `folder` from, given all files of the tree."""
    by_path = {file.path: file for file in files}
    folder = folder.strip("/")
    top = {path: file for path, file in by_path.items() if posixpath.dirname(path) == folder}
    chart = next((path for path in sorted(top) if path.endswith("Chart.yaml")), None)
    kustomization = _kustomization_of(folder, by_path)
    if kustomization:
        walk = _Walk(by_path)
        walk.enter(folder)
        return Build(
            "kustomization", frozenset(walk.used), kustomization, tuple(walk.problems), tuple(walk.unsure),
            tuple(walk.patches),
        )  # fmt: skip
    if chart:
        return Build("helm", root=chart, unsure=(f"{chart}: Argo CD renders this folder by Helm",))
    return _directory(folder, top)


def _directory(folder: str, top: Mapping[str, File]) -> Build:
    used = [path for path, file in top.items() if MANIFEST.match(path) and not _skipped(file)]
    unsure = [
        f"{path}: {text}"
        for path, text in (
            (posixpath.join(folder, ".argocd-source.yaml"), "overrides how Argo CD reads the folder"),
            *((path, "is evaluated by Jsonnet") for path in top if path.endswith(".jsonnet")),
        )
        if path in top
    ]
    return Build("directory", frozenset(used), unsure=tuple(unsure))


def _skipped(file: File) -> bool:
    return file.is_link or SKIP_MARKER in (file.content or b"")


def _kustomization_of(folder: str, files: Mapping[str, File]) -> str | None:
    return next((path for name in NAMES if (path := posixpath.join(folder, name)) in files), None)


@dataclass
class _Walk:
    """Follows a kustomization through the folders that it lists."""

    files: Mapping[str, File]
    used: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)
    unsure: list[str] = field(default_factory=list)
    entered: set[str] = field(default_factory=set)
    patches: list[tuple[frozenset[str], Patch]] = field(default_factory=list)

    def enter(self, folder: str) -> None:
        path = _kustomization_of(folder, self.files)
        if folder in self.entered or len(self.entered) >= _MAX_FOLDERS or path is None:
            return
        self.entered.add(folder)
        named = [name for name in NAMES if posixpath.join(folder, name) in self.files]
        if len(named) > 1:
            self.problems.append(f"{path}: kustomize wants one of {' and '.join(named)}, and refuses both together")
        document = self._read(path)
        if document is None:
            return
        before = frozenset(self.used)
        for name, index, entry in _entries(document.value):
            self._take(folder, entry, document.where(name, index))
        for entry, where in _patch_files(document):
            if posixpath.normpath(posixpath.join(folder, entry)) not in self.files:
                self.problems.append(f"{where}: {quoted(entry)} is not there")
        self._doubt(document)
        if any(document.value.get(name) for name in _PATCHES):
            self._patch(folder, document, frozenset(self.used) - before)

    def _read(self, path: str) -> Document | None:
        content = self.files[path].content
        if content is None:
            self.problems.append(f"{path}: is not a readable file")
            return None
        try:
            documents = load(content, path)
        except ManifestError as error:
            self.problems.append(str(error))
            return None
        if not documents or not isinstance(documents[0].value, dict):
            self.problems.append(f"{path}: is empty" if not documents else f"{path}: must be a YAML mapping")
            return None
        if len(documents) > 1:
            self.unsure.append(f"{path}: holds several documents")
        return documents[0]

    def _take(self, folder: str, entry: Any, where: str) -> None:
        if not isinstance(entry, str) or not entry:
            self.problems.append(f"{where}: must be a path")
        elif "://" in entry or entry.startswith(("git@", "github.com/")) or "?ref=" in entry:
            self.unsure.append(f"{where}: is read from elsewhere")
        else:
            self._take_path(folder, entry, where)

    def _take_path(self, folder: str, entry: str, where: str) -> None:
        path = posixpath.normpath(posixpath.join(folder, entry))
        file = self.files.get(path)
        if file is not None and file.is_link:
            self.unsure.append(f"{where}: is a symbolic link")
        elif file is not None and not path.startswith(folder + "/"):
            self.problems.append(f"{where}: kustomize takes no file from outside its own folder")
        elif path in self.used or path in self.entered:
            self.problems.append(f"{where}: {quoted(entry)} is listed twice")
        elif file is not None:
            self.used.add(path)
        elif _kustomization_of(path, self.files):
            self.enter(path)
        else:
            self.problems.append(f"{where}: {quoted(entry)} is not there")

    def _doubt(self, document: Document) -> None:
        for name, value in document.value.items():
            if name in _CHANGING and value:
                self.unsure.append(f"{document.where(name)}: {quoted(name)} may change what is built")
            elif name not in _KNOWN:
                self.problems.append(f"{document.where(name)}: unknown field {quoted(name)}")

    def _patch(self, folder: str, document: Document, paths: frozenset[str]) -> None:
        """Takes the patches down, or says that what they make is not known."""
        where = document.where(next(name for name in _PATCHES if document.value.get(name)))
        try:
            found = self._known(folder, document)
            if found is None:
                self.unsure.append(f"{where}: patches may change the policy")
                return
            fitting = [self._tried(patch, paths) for patch in found]
        except PatchFault as fault:
            self.problems.append(f"{where}: {one_line(str(fault), 200)}")
            return
        if not all(fitting):
            self.problems.append(f"{where}: a patch fits none of the objects")
        self.patches += [(paths, patch) for patch in found]

    def _known(self, folder: str, document: Document) -> list[Patch] | None:
        """The patches, or None where what they make is not known. Raises PatchFault."""
        if document.kind == "Component" or kustomize_patches.too_many(document.value):
            return None
        found = list(kustomize_patches.read(document.value, partial(self._text, folder)))
        return found if all(patch.sure for patch in found) else None

    def _tried(self, patch: Patch, paths: frozenset[str]) -> bool:
        """Whether a patch finds what it must: one that names its own object must. Raises PatchFault where it fails."""
        fitting = [value for path in sorted(paths) for value in self._values(path) if patch.fits(value)]
        for value in fitting:
            patch.apply(value)
        return bool(fitting) or not patch.exact

    def _values(self, path: str) -> list[Any]:
        try:
            return [document.value for document in load(self.files[path].content or b"", path)]
        except ManifestError:
            return []

    def _text(self, folder: str, entry: str) -> str:
        file = self.files.get(kustomize_patches.file_of(folder, entry))
        return (file.content or b"").decode("utf-8", "replace") if file else ""


def _entries(value: Mapping[str, Any]) -> Iterator[tuple[str, int, Any]]:
    for name in _LISTS:
        found = value.get(name)
        for index, entry in enumerate(found if isinstance(found, list) else ()):
            yield name, index, entry


def _patch_files(document: Document) -> Iterator[tuple[str, str]]:
    """Files that patches name, with the place of each; a patch may also stand in the kustomization itself."""
    for name in _PATCHES:
        found = document.value.get(name)
        for index, entry in enumerate(found if isinstance(found, list) else ()):
            path = entry.get("path") if isinstance(entry, dict) else entry
            if isinstance(path, str) and path and "\n" not in path and "{" not in path:
                yield path, document.where(name, index)
