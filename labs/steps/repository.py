"""The platform repository: the remote with its first commit, and the learner's clone."""

from __future__ import annotations

import shutil

import yaml

from labs.platform import clone, manifests
from labs.platform.values import Values
from labs.steps import trust
from labs.steps.images import KYVERNO_VALUES
from labs.steps.work import Work

_HEADER = """\
# Made by `labs up` for this lab: with these values Kyverno trusts the lab's Sigstore and registry
# beside the public ones. Pass the file to Helm when you install Kyverno.
"""


def make(context: Work) -> str:
    """Makes the remote and the clone where they are not there yet; a push tells Argo CD to look."""
    told = lay(context)
    kubectl = shutil.which("kubectl") or "kubectl"
    clone.hook(context.folder.remote, kubectl, context.folder.kubeconfig, (manifests.ARGOCD, manifests.APPLICATION))
    return told


def lay(context: Work) -> str:
    """Makes the remote and the clone where they are not there yet."""
    folder = context.folder
    head = clone.seed(
        folder.remote, _files(context, trust.kyverno_values(context)), int(trust.load(context).created.timestamp())
    )
    clone.clone(folder.remote, folder.clone)
    return f"first commit {head[:7]}"


def _files(context: Work, values: Values) -> dict[str, bytes]:
    start = context.course.platform
    found = {path.relative_to(start).as_posix(): path.read_bytes() for path in start.rglob("*") if path.is_file()}
    return found | {KYVERNO_VALUES.as_posix(): (_HEADER + yaml.safe_dump(values, sort_keys=False)).encode()}


def held(context: Work) -> bool:
    """Whether remote and clone are there."""
    return (context.folder.remote / "HEAD").is_file() and (context.folder.clone / ".git" / "HEAD").is_file()
