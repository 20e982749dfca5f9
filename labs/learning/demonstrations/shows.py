"""All demonstrations of a lab: which there are, and each of them asked live."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from grader.course import Course
from grader.errors import UsageError
from grader.text import quoted
from labs.lab import Lab
from labs.learning.demonstrations import admission, contents, providers, running
from labs.learning.demonstrations.effects import EFFECTS
from labs.learning.demonstrations.scene import Entry, Scene
from labs.learning.demonstrations.world import World, looked_at, module_of
from labs.learning.lab_images import View, view
from labs.platform.images import Choice

TOPICS = {
    "images": "which images the platform runs, and where each came from",
    "sbom": "what is in an image, and who signed it",
    "admission": "the four effects of a policy at the door, asked live",
    "providers": "the two providers: one that runs, one that was refused",
}

_FREE = "cgr.dev/chainguard/nginx:latest"


class Shows:
    """The demonstrations of one lab. Every scene asks anew; it may take seconds."""

    def __init__(self, lab: Lab, course: Course) -> None:
        self._lab = lab
        self._course = course

    @cached_property
    def _view(self) -> View:
        return view(self._lab)

    def entries(self) -> tuple[Entry, ...]:
        """What can be shown, in the order of the lesson. Nothing is asked."""
        return tuple(self._entries())

    def _entries(self) -> Iterator[Entry]:
        yield Entry("images", "images", "What runs, from where")
        yield Entry("sbom", "sbom", "The lab's samples")
        for image in self._platform():
            yield Entry(f"sbom {image}", "sbom", image.rpartition("/")[2])
        for effect in EFFECTS:
            yield Entry(f"admission {effect.number}", "admission", f"{effect.number}. {effect.short}")
        yield Entry("providers", "providers", "One runs, one may not")

    def _platform(self) -> list[str]:
        """What the lab chose for the platform, and one that everybody can read who has a network."""
        choices = [Choice.from_json(one) for one in (self._lab.state.get("images") or {}).values()]
        return list(dict.fromkeys([*(image for one in choices for image in one.images.values()), _FREE]))

    def scene(self, identifier: str) -> Scene:
        """The scene of an entry, or of `sbom IMAGE` for any image. Raises LabsError."""
        topic, _, rest = identifier.partition(" ")
        if topic == "sbom" and rest:
            return contents.show(self._view, rest)
        with looked_at(self._lab, module_of(self._course)) as world:
            return self._of(world, topic, rest)

    def _of(self, world: World, topic: str, rest: str) -> Scene:
        if topic == "images":
            return running.show(world)
        if topic == "sbom":
            return contents.samples(world, self._view)
        if topic == "admission":
            return admission.show(world, _number(rest))
        if topic == "providers":
            return providers.show(world)
        raise UsageError(f"there is no demonstration {quoted(topic)}", advice=f"There are: {', '.join(TOPICS)}.")


def _number(rest: str) -> int:
    known = [str(one.number) for one in EFFECTS]
    if rest not in known:
        raise UsageError(f"there is no effect {quoted(rest)}", advice=f"There are: {', '.join(known)}.")
    return int(rest)
