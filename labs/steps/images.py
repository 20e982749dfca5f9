"""Which images the platform runs, and getting them onto the node."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path

import yaml

from labs.cluster.kind import NODE_IMAGE
from labs.errors import CommandFailed
from labs.platform import images, values
from labs.platform.images import Choice
from labs.registry import manifests as registry
from labs.state import write
from labs.steps.context import Context

KYVERNO_VALUES = Path("values/kyverno.yaml")
_VERSION = re.compile(r":v(\d+\.\d+\.\d+)[^/]*\Z")
PLATFORM, KYVERNO = "platform", "kyverno"


def choose(context: Context) -> str:
    """Chooses the images of Crossplane and Argo CD, and writes the choice down."""
    local = context.engine.images()
    chosen = {group: images.choose(group, local, context.engine.offered) for group in images.GROUPS}
    context.state.update(images={group: choice.as_json() for group, choice in chosen.items()})
    return "; ".join(f"{group}: {choice.source}" for group, choice in chosen.items())


def choice(context: Context, group: str) -> Choice:
    """The choice that was written down."""
    return Choice.from_json((context.state.get("images") or {})[group])


def values_files(context: Context, chart: str) -> list[Path]:
    """Values of a chart of the platform, the last one wins: the course's, then the lab's with the overrides."""
    lab = values.argocd(choice(context, chart)) if chart == "argocd" else values.crossplane(choice(context, chart))
    file = context.folder.values / f"{chart}.yaml"
    both = values.merged(lab, context.overrides.chart(chart).values)
    write(file, yaml.safe_dump(both, sort_keys=False).encode())
    course = context.course.platform / "values" / f"{chart}.yaml"
    return [course, file] if course.is_file() else [file]


def pull(context: Context) -> str:
    """Finds out every image that the lab and Kyverno will run, and pulls what the engine has not."""
    wanted = {PLATFORM: sorted(_platform(context)), KYVERNO: sorted(_kyverno(context))}
    local = context.engine.images()
    missing = sorted({image for group in wanted.values() for image in group} - local.keys())
    for image in missing:
        context.say(f"pulling {image}")
        context.engine.pull(image)
    context.state.update(wanted=wanted)
    return f"{sum(map(len, wanted.values()))} images, {len(missing)} of them pulled"


def pulled(context: Context) -> bool:
    """Whether the engine still has all of them."""
    wanted = context.state.get("wanted") or {}
    return bool(wanted) and context.engine.images().keys() >= {image for group in wanted.values() for image in group}


def load_platform(context: Context) -> str:
    """Brings the platform's images onto the node."""
    return _load(context, PLATFORM)


def load_kyverno(context: Context) -> str:
    """Brings Kyverno's images onto the node; Kyverno itself is for the learner to install."""
    return _load(context, KYVERNO)


def platform_loaded(context: Context) -> bool:
    """Whether the node has the platform's images."""
    return _loaded(context, PLATFORM)


def kyverno_loaded(context: Context) -> bool:
    """Whether the node has Kyverno's images."""
    return _loaded(context, KYVERNO)


def _load(context: Context, group: str) -> str:
    wanted: list[str] = context.state.get("wanted")[group]
    command = ["kind", "load", "docker-image", "--name", context.cluster.name, *wanted]
    context.runner.run(command, log=f"load-{group}", timeout=900)
    return f"{len(wanted)} images"


def _platform(context: Context) -> set[str]:
    found = {images.GIT_DAEMON, registry.IMAGE}
    for group in images.GROUPS:
        found |= _rendered(context, group, values_files(context, group))
    return {images.tagged(image) for image in found}


def _kyverno(context: Context) -> set[str]:
    own = context.folder.clone / KYVERNO_VALUES
    return {images.tagged(image) for image in _rendered(context, "kyverno", [own] if own.is_file() else [])}


def _rendered(context: Context, chart: str, files: Iterable[Path]) -> set[str]:
    version = kubernetes_version(context.cluster.image)
    text = context.helm("images").render(chart, context.chart(chart), list(files), chart, version)
    return set(images.named(text).workloads)


def kubernetes_version(image: str) -> str:
    """The Kubernetes of a node image, read from its tag; that of the lab's own image where the tag tells none."""
    found = _VERSION.search(image) or _VERSION.search(NODE_IMAGE)
    return found[1] if found else ""


def _loaded(context: Context, group: str) -> bool:
    listing = ["docker", "exec", context.cluster.node, "crictl", "images", "-o", "json"]
    try:
        shown = json.loads(context.runner.run(listing, log=f"load-{group}", timeout=20, quiet=True).stdout)
    except (CommandFailed, ValueError):
        return True  # without a look nothing is known, and a wanting image is pulled by the node itself
    there = {images.tagged(tag) for image in shown.get("images") or () for tag in image.get("repoTags") or ()}
    return there.issuperset((context.state.get("wanted") or {}).get(group, ["?"]))
