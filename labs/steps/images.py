"""Which images the platform runs, and getting them onto the node."""

from __future__ import annotations

from pathlib import Path

import yaml

from labs.errors import CommandFailed
from labs.overrides import ChartOverride
from labs.platform import images, values
from labs.platform.images import Choice
from labs.registry import manifests as registry
from labs.state import write
from labs.steps.context import Context

KYVERNO_VALUES = Path("values/kyverno.yaml")


def choose(context: Context) -> str:
    """Chooses the images of Crossplane and Argo CD, and writes the choice down."""
    local = context.engine.images()
    chosen = {group: images.choose(group, local, context.engine.offered) for group in images.GROUPS}
    context.state.update(images={group: choice.as_json() for group, choice in chosen.items()})
    return "; ".join(f"{group}: {choice.source}" for group, choice in chosen.items())


def choice(context: Context, group: str) -> Choice:
    """The choice that was written down."""
    return Choice.from_json((context.state.get("images") or {})[group])


def values_file(context: Context, chart: str) -> Path:
    """The values of a chart of the platform, with the overrides' laid over them, as a file."""
    override: ChartOverride = context.overrides.chart(chart)
    lab = values.argocd(choice(context, chart)) if chart == "argocd" else values.crossplane(choice(context, chart))
    file = context.folder.values / f"{chart}.yaml"
    write(file, yaml.safe_dump(values.merged(lab, override.values), sort_keys=False).encode())
    return file


def load(context: Context) -> str:
    """Brings every image that the lab will run onto the node: from the engine, or pulled into it first."""
    wanted = _wanted(context)
    local = context.engine.images()
    for image in sorted(wanted - local.keys()):
        context.say(f"pulling {image}")
        context.engine.pull(image)
    node = context.cluster.name
    context.runner.run(["kind", "load", "docker-image", "--name", node, *sorted(wanted)], log="load", timeout=900)
    return f"{len(wanted)} images"


def _wanted(context: Context) -> set[str]:
    found = {images.GIT_DAEMON, registry.IMAGE}
    for group in images.GROUPS:
        found |= _rendered(context, group, values_file(context, group))
    found |= _rendered(context, "kyverno", context.folder.clone / KYVERNO_VALUES)
    return {images.tagged(image) for image in found}


def _rendered(context: Context, chart: str, file: Path) -> set[str]:
    helm = context.helm("load")
    own = [file] if file.is_file() else []
    version = context.cluster.image.rpartition(":v")[2].partition("@")[0] or "1.35.0"
    return set(images.named(helm.render(chart, context.chart(chart), own, chart, version)).workloads)


def loaded(context: Context) -> bool:
    """Whether the node still has images: a node that was made anew has none."""
    try:
        shown = context.runner.run(
            ["docker", "exec", context.cluster.node, "crictl", "images", "-o", "json"], log="load", timeout=20
        ).stdout
    except CommandFailed:
        return True  # without a look nothing is known, and a wanting image is pulled by the node itself
    return registry.IMAGE.partition(":")[0] in shown
