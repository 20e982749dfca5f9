"""Task 7, first part: Argo CD has synced what the remote holds."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from grader.checks import kyverno, on_the_way, repairs
from grader.checks.application import Application, covering
from grader.checks.commands import TO_MEND, command, short
from grader.checks.context import Context
from grader.checks.in_force import transformed, wanted
from grader.checks.live import seen_cluster
from grader.checks.named import named_by, still_broken
from grader.checks.objects import dig, text
from grader.errors import EnvironmentFault
from grader.evidence.model import Remote, Repository
from grader.outcome import Status, Verdict
from grader.text import one_line, quoted

GROUP = "kyverno.io"
_WHY = "Under GitOps the cluster follows the remote: only what Argo CD has synced from there is in force."
# How Argo CD 3.2 words that the remote itself cannot be read (util/git, reposerver/repository).
_UNREACHABLE = re.compile(
    r"failed to (list refs|fetch|initialize repository)|connection refused|no such host|i/o timeout|dial tcp|"
    r"deadline exceeded|Unavailable|authentication required|repository not found|unable to (resolve|ls-remote)|"
    r"could not read from remote|error creating SSH|handshake",
    re.IGNORECASE,
)
_NO_KIND = re.compile(r"no matches for kind|could not find the requested resource|CRD.*not.*found", re.IGNORECASE)
_WEBHOOK_DOWN = re.compile(r"failed calling webhook|no endpoints available for service", re.IGNORECASE)


def synced(context: Context) -> Verdict:
    """`argocd.synced`: the Application over the folder is Synced at the remote's head, with the policy in it."""
    folder = str(context.parameter("folder"))
    expected = f"Argo CD's Application over {folder} is Synced at the remote's head, and its last operation succeeded."
    application = _application(context, folder)
    head = _head(context.repository)
    if head is None:
        return Verdict(Status.BLOCKED, expected=expected, needs=("repository.pushed",))
    judged = _Synced(context, application, expected)
    return judged.wrong(head) or judged.lacks_policy() or judged.passed()


def platform_synced(context: Context) -> Verdict:
    """`platform.synced`: a commit of the learner's own, that changed the folder, is synced."""
    folder = str(context.parameter("folder"))
    expected = f"A commit of yours that changes {folder} is on the remote, and Argo CD is Synced at it."
    application = _application(context, folder)
    remote = context.repository.remote if context.repository else None
    head = _head(context.repository)
    if remote is None or head is None or not _changed(remote, folder, dict(context.parameter("starter"))):
        return _nothing_pushed(context, remote, folder, expected)
    judged = _Synced(context, application, expected)
    return judged.wrong(head) or judged.passed()


class _Synced:
    """The verdict on one Application; each question answers with what is wrong, or None."""

    def __init__(self, context: Context, application: Application, expected: str) -> None:
        self.context = context
        self.application = application
        self.expected = expected

    def wrong(self, head: str) -> Verdict | None:
        """What keeps the Application from being Synced at `head` by an operation that succeeded."""
        return self._complaint() or self._revision(head) or self._operation(head) or self._status()

    def passed(self) -> Verdict:
        application = self.application
        seen = f"{application.where} is Synced at {short(application.revision)}, and its last operation succeeded."
        return Verdict(Status.PASSED, expected=self.expected, seen=seen, where=application.where)

    def lacks_policy(self) -> Verdict | None:
        """Nothing of the learner's is among what the Application manages."""
        tree = self.context.submission.commit
        policies = wanted(tree)
        if not policies:
            return Verdict(Status.BLOCKED, expected=self.expected, needs=("policy.present",))
        held = list(self.application.of_kind("ClusterPolicy", GROUP))
        if any(text(one, "name") == policy.name for one in held for policy in policies):
            return None
        if held and transformed(tree):
            return None
        count = len(self.application.resources)
        return self._failed(
            f"{self.application.where} is Synced and manages {count} object{'' if count == 1 else 's'}, "
            f"and the ClusterPolicy {quoted(policies[0].name)} of {quoted(policies[0].path)} is not among them."
        )

    def _complaint(self) -> Verdict | None:
        complaints = self.application.complaints
        if not complaints or self.application.status == "Synced":
            return None
        said = "; ".join(complaints)
        blocked = self._blocked(said)
        if blocked:
            return blocked
        if _UNREACHABLE.search(said):
            raise EnvironmentFault(
                f"Argo CD cannot read the remote: {one_line(said, 600)}",
                where=self.application.where,
                advice=self._look("{.status.conditions}"),
            )
        found = self._failed(f"Argo CD cannot work out what to apply. {said}{self._mend(said)}", "{.status.conditions}")
        broken = named_by(said, self.context)
        return replace(found, where=broken.error.where) if broken else found

    def _revision(self, head: str) -> Verdict | None:
        at = self.application.revision
        if at == head or (at and at == _same_files(self.context.repository)):
            return None
        found = f"Argo CD is at {short(at)}" if at else "Argo CD has not compared yet"
        return self._failed(f"{found}, the remote is at {short(head)}.")

    def _operation(self, head: str) -> Verdict | None:
        phase, said = self.application.phase, self.application.operation_says
        if phase == "Succeeded":
            return None
        if not phase:
            return self._failed("Argo CD has not applied anything yet: there is no operation.")
        tried = text(self.application.value, "status", "operationState", "syncResult", "revision")
        if tried not in ("", head) and phase != "Running" and self.application.status == "Synced":
            return None  # an earlier commit failed, and at this one nothing is left to apply
        if tried not in ("", head):  # between two tries the message is still that of the earlier commit
            return self._failed(f"Argo CD's last try was to apply {short(tried)}, the remote is at {short(head)}.")
        blocked = self._blocked(said)
        if blocked:
            return blocked
        word = "is still running" if phase == "Running" else "failed"
        mend = self._mend(said) if phase != "Running" else ""
        return self._failed(f"Argo CD's last operation {word}: {said or 'it gives no reason'}{mend}", _OPERATION)

    def _mend(self, said: str) -> str:
        """What to do about a manifest that Argo CD complains of: mend it, or send the mended one on its way."""
        broken = still_broken(said, self.context)
        if broken:
            advice = f"\n{TO_MEND} {broken.error.advice}" if broken.error.advice else ""
            return f"\n{broken.error.where}: {one_line(broken.error.message, 300)}.{advice}"
        folder, branch = str(self.context.parameter("folder")), str(self.context.parameter("branch"))
        held = on_the_way.held_back(self.context.repository, folder, branch)
        return f"\n{held}" if held else ""

    def _blocked(self, said: str) -> Verdict | None:
        """The verdict where the cluster, not the manifest, is why nothing could be applied."""
        cluster = seen_cluster(self.context)
        if _NO_KIND.search(said) and "ClusterPolicy" in cluster.not_served:
            return Verdict(
                Status.BLOCKED, expected=self.expected, seen=f"Argo CD: {said}", needs=("kyverno.installed",)
            )
        if not _WEBHOOK_DOWN.search(said):
            return None
        if kyverno.ready(self.context).status is not Status.PASSED:
            return Verdict(Status.BLOCKED, expected=self.expected, seen=f"Argo CD: {said}", needs=("kyverno.ready",))
        raise EnvironmentFault(
            f"Kyverno's webhook did not answer Argo CD: {one_line(said, 600)}", where=self.application.where
        )

    def _status(self) -> Verdict | None:
        if self.application.status == "Synced":
            return None
        apart = [_named(one) for one in self.application.resources if text(one, "status") == "OutOfSync"]
        listed = f": {', '.join(apart[:5])}" if apart else ""
        told = quoted(self.application.status) if self.application.status else "without a status"
        return self._failed(f"{self.application.where} is at the right commit, and its status is {told}{listed}.")

    def _failed(self, seen: str, path: str = "{.status.sync.status} {.status.sync.revision}") -> Verdict:
        notes = () if self.application.automated else ("Automatic sync is off: Argo CD waits for somebody to sync.",)
        return Verdict(
            Status.FAILED,
            expected=self.expected,
            seen=seen,
            where=self.application.where,
            why=_WHY,
            next=self._look(path),
            notes=notes,
        )

    def _look(self, path: str) -> str:
        found = self.application
        return command("kubectl", "-n", found.namespace, "get", "application", found.name, "-o", f"jsonpath={path}")


_OPERATION = (
    '{.status.operationState.phase}{": "}{.status.operationState.message}{"\\n"}'
    "{.status.operationState.syncResult.resources}"
)


def _application(context: Context, folder: str) -> Application:
    """The Application that covers the folder. Raises EnvironmentFault where there is none."""
    cluster = seen_cluster(context, "Application")
    if "Application" in cluster.not_served:
        raise EnvironmentFault(
            "Argo CD is not installed: the cluster does not serve Application (argoproj.io)",
            advice="labs up",
        )
    found = covering(cluster, folder)
    if not found:
        raise EnvironmentFault(
            f"no Application of Argo CD covers {folder}: what is pushed there syncs nowhere",
            advice="kubectl get applications --all-namespaces",
        )
    head = _head(context.repository)
    return next((one for one in found if head and one.revision == head), found[0])


def _head(repository: Repository | None) -> str | None:
    return repository.remote.head if repository and repository.remote else None


def _same_files(repository: Repository | None) -> str | None:
    """The graded commit, where the remote's newer head holds the same files in the folder."""
    if repository is None or repository.remote is None or repository.commit is None or not repository.remote.contains:
        return None
    head = {(file.path, file.blob) for file in repository.remote.files}
    inside = {file.path for file in repository.remote.files}
    graded = {(file.path, file.blob) for file in repository.files if file.path in inside}
    return repository.commit if head and head == graded else None


def _changed(remote: Remote, folder: str, starter: dict[str, Any]) -> bool:
    inside = f"{folder.strip('/')}/"
    return {file.path: file.blob for file in remote.files if file.path.startswith(inside)} != starter


def _nothing_pushed(context: Context, remote: Remote | None, folder: str, expected: str) -> Verdict:
    if remote is not None and remote.error:
        raise EnvironmentFault(f"the remote could not be read: {one_line(remote.error, 300)}")
    repository, branch = context.repository, str(context.parameter("branch"))
    if remote is None or remote.head is None:
        seen = "The remote has no such branch yet."
        seen += repairs.told(repairs.push(repository, branch)) if repository else ""
    else:
        seen = f"On the remote, {folder} holds what it held at the start (at {short(remote.head)})."
        why = on_the_way.held_back(repository, folder, branch)
        if not why and repository:
            why = on_the_way.untouched(repository, folder, dict(context.parameter("starter")))
        seen = f"{seen} {why}".rstrip()
    return Verdict(
        Status.FAILED,
        expected=expected,
        seen=seen,
        why="Argo CD reads the remote: only a pushed commit can change the cluster.",
        next=command("git", "-C", repository.path, "status") if repository else "git status",
    )


def _named(resource: Any) -> str:
    kind, found = one_line(text(resource, "kind"), 60), one_line(text(resource, "name"), 80)
    return f"{kind}/{found}" + (" (to be pruned)" if dig(resource, "requiresPruning") is True else "")
