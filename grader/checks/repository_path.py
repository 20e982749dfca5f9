"""Task 5: the manifest lies where Argo CD takes it from."""

from __future__ import annotations

import json
import posixpath

from grader.checks import repairs
from grader.checks.candidates import Broken, Candidate, Likeness, Tree
from grader.checks.commands import TO_MEND, Show, folder_of
from grader.checks.context import Context
from grader.checks.policy_file import no_repository, syntax
from grader.evidence.kustomize import MANIFEST, SKIP_MARKER
from grader.evidence.model import File
from grader.outcome import Status, Verdict
from grader.text import quoted

_WHY = "Argo CD applies what it builds from its folder, and nothing else of the repository."
_WHY_WHOLE = (
    "Argo CD builds the folder as a whole: one file that stops the build keeps every other one out of the cluster."
)
_LOOKS_LIKE_MANIFEST = (b"apiVersion:", b"kind:", b"metadata:")


def path(context: Context) -> Verdict:
    """`repository.path`: Argo CD would take the policy's file when it builds the exercise's folder."""
    folder = str(context.parameter("folder")).strip("/")
    expected = f"The policy's manifest is among what Argo CD builds from {folder}."
    repository = context.repository
    if repository is None:
        return no_repository(expected)
    tree = context.submission.current
    file = _file(context)
    if file is None:
        return Verdict(Status.BLOCKED, expected=expected, needs=("policy.present",))
    judged = _Judged(Show.of(context, repository), tree, folder, expected)
    return judged.stopped(file) or judged.placed(file).noting(*_twins(context.policy, tree))


def _file(context: Context) -> File | None:
    broken = syntax(context)
    if broken:
        return broken.file
    return context.policy.file if context.policy else None


def _twins(policy: Candidate | None, tree: Tree) -> tuple[str, ...]:
    """Two objects of one name in the folder: the last applied wins."""
    if policy is None:
        return ()
    same = [one for one in tree.candidates if one.name == policy.name and tree.deploys(one.file)]
    places = sorted({one.document.where() for one in same})
    if len(same) < 2:
        return ()
    return (
        f"{len(same)} ClusterPolicies are called {quoted(policy.name)} ({', '.join(places)}): only one can be live.",
    )


class _Judged:
    """One file, judged against what Argo CD would build."""

    def __init__(self, show: Show, tree: Tree, folder: str, expected: str) -> None:
        self.show = show
        self.tree = tree
        self.folder = folder
        self.expected = expected

    def stopped(self, file: File) -> Verdict | None:
        """The failure where the build of the folder as a whole breaks off, or None."""
        build = self.tree.build
        if build.problems and build.root:
            place, _, text = build.problems[0].partition(": ")
            following = self.show.built(self.folder, place.split(":", 1)[0])
            return self._failed(f"The kustomization cannot be built: {text}.", place, following, _WHY_WHOLE)
        for broken in self.tree.broken:
            if broken.file.path != file.path and self.tree.deploys(broken.file) and _stops(broken):
                seen = f"{quoted(broken.file.path)} beside the policy is not readable: {broken.error.message}."
                seen += f"\n{TO_MEND} {broken.error.advice}" if broken.error.advice else ""
                shown = self.show.lines(broken.file.path, broken.error.line)
                return self._failed(seen, broken.error.where, shown, _WHY_WHOLE)
        return None

    def placed(self, file: File) -> Verdict:
        """Whether the file is taken, and why not."""
        build = self.tree.build
        if self.tree.deploys(file):
            return self._taken(file)
        if build.mode == "helm" and self.tree.inside(file):
            return Verdict(Status.PASSED, expected=self.expected, seen=f"{quoted(file.path)}.", notes=build.unsure)
        if build.mode == "kustomization" and self.tree.inside(file):
            return self._unlisted(file)
        if self.tree.inside(file):
            return self._ignored(file)
        folder = folder_of(file.path)
        place = "at the top of the clone" if folder == "." else f"in {quoted(folder)}"
        seen = f"{quoted(file.path)} lies {place}, and Argo CD reads {self.folder}."
        seen += self._linked() or self._moved(file)
        return self._failed(seen, f"{file.path}:1:1", self.show.listing(self.folder))

    def _linked(self) -> str:
        links = [one.file.path for one in self.tree.lookalikes if one.likeness is Likeness.LINK]
        return f" {quoted(links[0])} is a symbolic link, which is not followed: put the file there." if links else ""

    def _moved(self, file: File) -> str:
        """The move to the top of the folder, where that is there and holds no file of this name."""
        target = f"{self.folder}/{posixpath.basename(file.path)}"
        there = any(self.tree.inside(one) for one in self.tree.files)
        free = all(one.path != target for one in self.tree.files)
        mends = there and free and not self.show.committed and self.tree.build.mode == "directory"
        mends = mends and MANIFEST.match(file.path) is not None
        return repairs.told(repairs.move(self.show.repository, file.path, self.folder)) if mends else ""

    def _taken(self, file: File) -> Verdict:
        if file.path.endswith(".json") and not _is_json(file):
            seen = (
                f"{quoted(file.path)} is called .json and is not one JSON object; Argo CD stops there. Call it .yaml."
            )
            shown = self.show.lines(file.path, 1)
            return self._failed(seen, f"{file.path}:1:1", shown, _WHY_WHOLE)
        return Verdict(
            Status.PASSED, expected=self.expected, seen=f"{quoted(file.path)}.", notes=self.tree.build.unsure
        )

    def _unlisted(self, file: File) -> Verdict:
        root = self.tree.build.root or self.folder
        name = file.path.removeprefix(folder_of(root) + "/")
        seen = (
            f"{quoted(root)} makes the folder a kustomization, which builds only what it lists, and {quoted(name)} is "
            f"not listed: add it under resources."
        )
        return self._failed(seen, f"{root}:1:1", self.show.built(self.folder, root))

    def _ignored(self, file: File) -> Verdict:
        """The failure of a file in the folder that a plain directory leaves out."""
        where = f"{file.path}:1:1"
        listing = self.show.listing(folder_of(file.path))
        if not MANIFEST.match(file.path):
            seen = (
                f"{quoted(file.path)} is left out: Argo CD takes files called .yaml, .yml or .json, in small letters."
            )
            return self._failed(seen, where, listing)
        if file.content and SKIP_MARKER in file.content:
            marker = SKIP_MARKER.decode()
            seen = f"{quoted(file.path)} holds {quoted(marker)}, which tells Argo CD to leave the file out."
            return self._failed(seen, where, self.show.found(marker, file.path))
        seen = f"{quoted(file.path)} lies in a subfolder, and Argo CD takes only the files at the top of {self.folder}."
        if self.tree.build.unsure:
            return Verdict(Status.PASSED, expected=self.expected, seen=seen, notes=self.tree.build.unsure)
        return self._failed(seen + self._moved(file), where, listing)

    def _failed(self, seen: str, where: str | None, following: str, why: str = _WHY) -> Verdict:
        return Verdict(Status.FAILED, expected=self.expected, seen=seen, where=where, why=why, next=following)


def _stops(broken: Broken) -> bool:
    """Whether Argo CD stops at the file: it lets YAML pass that does not look like a manifest
    (reposerver/repository getObjsFromYAMLOrJSON, v3.2.11)."""
    content = broken.file.content or b""
    return broken.file.path.endswith(".json") or all(word in content for word in _LOOKS_LIKE_MANIFEST)


def _is_json(file: File) -> bool:
    try:
        return isinstance(json.loads(file.content or b""), dict)
    except (ValueError, RecursionError):
        return False
