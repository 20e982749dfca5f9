"""Which image each part of the platform runs: chosen once, and told openly.

Chainguard's free registry serves `latest` alone; a pinned tag needs an account. So for each part the
course's tag comes first, then the free `latest`, then upstream's own image. Images that must fit
together (Argo CD and its repository server) are chosen together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import yaml

from labs.errors import EnvironmentFault

CROSSPLANE_TAG = "v1.15.0"
ARGOCD_TAG = "v3.2.11"
GIT_DAEMON = f"quay.io/argoproj/argocd:{ARGOCD_TAG}"
"""Serves the remote: upstream's image has `git daemon`, Chainguard's have not."""

_UNREACHABLE = re.compile(r"no such host|dial tcp|timeout|timed out|unreachable|name resolution|EOF|proxy", re.I)


@dataclass(frozen=True, slots=True)
class Source:
    """One place to take a group of images from. `images` maps a part to its reference."""

    title: str
    images: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen for a group. `passed_over` says of each better source why it was not taken."""

    group: str
    source: str
    images: Mapping[str, str]
    passed_over: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For the lab's state."""
        return asdict(self) | {"passed_over": list(self.passed_over)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Choice:
        """From the lab's state."""
        return cls(data["group"], data["source"], data["images"], tuple(data["passed_over"]))


_CHAINGUARD = "cgr.dev/chainguard"
GROUPS: Mapping[str, tuple[Source, ...]] = {
    "crossplane": (
        Source("Chainguard, the course's tag", {"crossplane": f"{_CHAINGUARD}/crossplane:{CROSSPLANE_TAG}"}),
        Source("Chainguard, the free latest", {"crossplane": f"{_CHAINGUARD}/crossplane:latest"}),
        Source("upstream", {"crossplane": f"xpkg.crossplane.io/crossplane/crossplane:{CROSSPLANE_TAG}"}),
        Source("upstream", {"crossplane": f"xpkg.upbound.io/crossplane/crossplane:{CROSSPLANE_TAG}"}),
    ),
    "argocd": (
        Source(
            "Chainguard, the course's tag",
            {
                "argocd": f"{_CHAINGUARD}/argocd:{ARGOCD_TAG}",
                "repo-server": f"{_CHAINGUARD}/argocd-repo-server:{ARGOCD_TAG}",
            },
        ),
        Source(
            "Chainguard, the free latest",
            {"argocd": f"{_CHAINGUARD}/argocd:latest", "repo-server": f"{_CHAINGUARD}/argocd-repo-server:latest"},
        ),
        Source(
            "upstream",
            {"argocd": f"quay.io/argoproj/argocd:{ARGOCD_TAG}", "repo-server": f"quay.io/argoproj/argocd:{ARGOCD_TAG}"},
        ),
    ),
}


def choose(group: str, local: Iterable[str], offered: Callable[[str], str | None]) -> Choice:
    """The first source whose images the engine has or a registry offers.

    `local` are references that the engine has. `offered` asks a registry: None, or why not.
    Raises EnvironmentFault where no source has them all.
    """
    here = set(local)
    passed: list[str] = []
    for source in GROUPS[group]:
        wanting = _wanting(source, here, offered)
        if wanting is None:
            return Choice(group, source.title, dict(source.images), tuple(passed))
        passed.append(wanting)
    raise EnvironmentFault(
        f"no image for {group} can be had: {passed[-1]}",
        advice="Check the network (and docker login, where a registry asks for it), then run the command again.",
    )


def _wanting(source: Source, here: set[str], offered: Callable[[str], str | None]) -> str | None:
    """None where the source has all its images, else which one is wanting and why."""
    for image in sorted(set(source.images.values())):
        if image in here:
            continue
        reason = offered(image)
        if reason is not None:
            return f"{image}: {_plainly(reason)}"
    return None


def _plainly(reason: str) -> str:
    if _UNREACHABLE.search(reason):
        return "its registry cannot be reached"
    if re.search(r"unauthorized|denied|forbidden|authentication", reason, re.I):
        return "needs an account at its registry"
    if re.search(r"not found|unknown|no such manifest", reason, re.I):
        return "not at its registry"
    return reason


def split(reference: str) -> tuple[str, str]:
    """Repository and tag of `repository:tag`."""
    repository, _, tag = reference.rpartition(":")
    return repository, tag


@dataclass(frozen=True, slots=True)
class Named:
    """Images that rendered manifests name: those of workloads, and those of Helm hooks alone."""

    workloads: frozenset[str]
    hooks: frozenset[str]


def named(rendered: str) -> Named:
    """The images of a chart that was rendered."""
    workloads: set[str] = set()
    hooks: set[str] = set()
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    for document in yaml.load_all(rendered, Loader=loader):
        if isinstance(document, dict) and document.get("kind") != "CustomResourceDefinition":
            annotations = (document.get("metadata") or {}).get("annotations") or {}
            (hooks if "helm.sh/hook" in annotations else workloads).update(_images(document))
    return Named(frozenset(workloads), frozenset(hooks - workloads))


def _images(value: Any) -> Iterable[str]:
    if isinstance(value, dict):
        for key, below in value.items():
            if key in ("containers", "initContainers") and isinstance(below, list):
                yield from (
                    one["image"] for one in below if isinstance(one, dict) and isinstance(one.get("image"), str)
                )
            else:
                yield from _images(below)
    elif isinstance(value, list):
        for item in value:
            yield from _images(item)


def tagged(reference: str) -> str:
    """The reference as the Docker Engine lists it: with a tag, without Docker Hub's default parts."""
    short = reference.removeprefix("docker.io/").removeprefix("library/")
    last = short.rpartition("/")[2]
    return short if ":" in last or "@" in short else f"{short}:latest"
