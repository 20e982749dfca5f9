"""Task 2: there is a ClusterPolicy manifest, and the API server and Kyverno would take it."""

from __future__ import annotations

from grader.checks import by_hand, resembling, unread
from grader.checks.candidates import KIND, Broken, Candidate
from grader.checks.commands import Show
from grader.checks.context import Context
from grader.checks.resembling import Instead
from grader.outcome import Status, Verdict
from grader.text import quoted

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
    what = resembling.likeliest(tree, show) or unread.likeliest(tree, show)
    if what is None:
        what = Instead(f"None of the repository's {len(tree.files)} files holds a ClusterPolicy.", show.found(KIND))
    return _failed(what).noting(*by_hand.any_policy(context))


def no_repository(expected: str) -> Verdict:
    """The verdict where no repository was collected: nothing can be told."""
    return Verdict(
        Status.ERROR,
        expected=expected,
        seen="The evidence holds no repository.",
        why="What was not read can be neither right nor wrong.",
        next="Grade again with --repo FOLDER, the folder of your clone.",
    )


def _failed(found: Instead) -> Verdict:
    return Verdict(
        Status.FAILED, seen=found.seen, expected=PRESENT, where=found.where, why=_WHY_PRESENT, next=found.following
    )


def _named(policy: Candidate) -> str:
    return f"{quoted(policy.path)} holds the ClusterPolicy {quoted(policy.name)}"


def _where(policy: Candidate) -> str:
    return policy.document.where("kind")


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
