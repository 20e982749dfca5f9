"""Task 2: there is a ClusterPolicy manifest, and the API server and Kyverno would take it."""

from __future__ import annotations

import posixpath

from grader.checks.candidates import KIND, Broken, Candidate, Likeness, Lookalike
from grader.checks.commands import Show
from grader.checks.context import Context
from grader.errors import EnvironmentFault
from grader.outcome import Status, Verdict
from grader.text import one_line, quoted

PRESENT = "A YAML or JSON file of the repository holds a ClusterPolicy (apiVersion kyverno.io/v1)."
_WHY_PRESENT = "Kyverno enforces what a policy object says; without one, every image is let in."


def present(context: Context) -> Verdict:
    """`policy.present`: some file holds a ClusterPolicy, under any name and anywhere. Raises EnvironmentFault where
    only a file is left that is too large to be read."""
    repository = context.repository
    if repository is None:
        return no_repository(PRESENT)
    tree, show = context.submission.current, Show.of(context, repository)
    if context.policy:
        return Verdict(Status.PASSED, seen=f"{_named(context.policy)}.", expected=PRESENT, where=_where(context.policy))
    broken = next((one for one in tree.broken if one.policy), None)
    if broken:
        seen = f"{quoted(broken.file.path)} is to hold a ClusterPolicy, though it cannot be read yet."
        return Verdict(Status.PASSED, seen=seen, expected=PRESENT, where=broken.error.where)
    if tree.lookalikes:
        return _resembling(min(tree.lookalikes, key=_likeliest), show)
    return _failed(f"None of the repository's {len(tree.files)} files holds a ClusterPolicy.", show.found(KIND))


def no_repository(expected: str) -> Verdict:
    """The verdict where no repository was collected: nothing can be told."""
    return Verdict(
        Status.ERROR,
        expected=expected,
        seen="The evidence holds no repository.",
        why="What was not read can be neither right nor wrong.",
        next="Grade again with --repo FOLDER, the folder of your clone.",
    )


def _failed(seen: str, following: str, where: str | None = None) -> Verdict:
    return Verdict(Status.FAILED, seen=seen, expected=PRESENT, where=where, why=_WHY_PRESENT, next=following)


def _named(policy: Candidate) -> str:
    return f"{quoted(policy.path)} holds the ClusterPolicy {quoted(policy.name)}"


def _where(policy: Candidate) -> str:
    return policy.document.where("kind")


_ORDER = (
    Likeness.OTHER_GROUP,
    Likeness.SPELLING,
    Likeness.IMAGE_VALIDATING,
    Likeness.POLICY,
    Likeness.LINK,
    Likeness.UNREAD,
)


def _likeliest(found: Lookalike) -> tuple[int, str]:
    return _ORDER.index(found.likeness), found.file.path


def _resembling(found: Lookalike, show: Show) -> Verdict:
    path = quoted(found.file.path)
    if found.likeness is Likeness.UNREAD:
        message = f"{path} is larger than is read here ({found.file.size} bytes), and may hold the policy"
        raise EnvironmentFault(
            message, where=f"{one_line(found.file.path, 300)}:1:1", advice="Put the policy into a file of its own."
        )
    if found.document is None:
        what = f"{path} is a symbolic link, which is not followed: put the manifest itself there."
        return _failed(what, show.listing(folder_of(found.file.path)), f"{found.file.path}:1:1")
    field = "apiVersion" if found.likeness is Likeness.OTHER_GROUP else "kind"
    place = found.document.position(field)
    written = quoted(str(found.document.value.get(field)))
    what = {
        Likeness.OTHER_GROUP: f"{path} holds a ClusterPolicy of apiVersion {written}, which Kyverno does not know: "
        "write kyverno.io/v1.",
        Likeness.SPELLING: f"{path} holds an object of kind {written}: the kind is spelled ClusterPolicy, and the case "
        "of every letter counts.",
        Likeness.IMAGE_VALIDATING: f"{path} holds an {found.document.kind}. That kind works, and Kyverno recommends it "
        "since 1.17; the exercise asks for a ClusterPolicy. Its fields are others: write the policy anew.",
        Likeness.POLICY: f"{path} holds a Policy, which lives in one namespace; the exercise asks for a ClusterPolicy.",
    }[found.likeness]
    return _failed(what, show.lines(found.file.path, place.line), found.document.where(field))


def syntax(context: Context) -> Broken | None:
    """The unreadable file that stands for the policy, or None where a readable one does.

    A broken file counts where no policy is readable, or where it lies in the exercise's folder
    and would stop Argo CD from building it.
    """
    tree = context.submission.current
    for broken in tree.broken:
        if broken.policy and (not tree.candidates or tree.deploys(broken.file)):
            return broken
    return None


def folder_of(path: str) -> str:
    """The folder that a path lies in; `.` for the root."""
    return posixpath.dirname(path) or "."
