"""Bringing labs up, adding to them, and taking them down."""

from __future__ import annotations

import shlex
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from labs import console, kyverno
from labs import lab as labs
from labs.commands import head


def up(name: str, overrides: str | None, backend: str | None = None) -> None:
    """`labs up`: which cluster and why, one line a step, then where everything is."""
    progress = console.Progress()
    with polite():
        try:
            made = labs.up(name, overrides, progress.event, progress.say, progress.tick, backend=backend)
        finally:
            progress.wipe()
    console.say()
    console.say(f"The {made.called} is up. Your clone: {made.folder.clone}")
    suffix = "" if name == "default" else f" {name}"
    console.say(f"Next: labs shell{suffix} opens a shell in it; labs opens the course.")


def any_lab() -> bool:
    """Whether there is a lab already."""
    return bool(labs.names())


def down(name: str, discard: bool) -> None:
    """`labs down`: says what was kept of the learner's work."""
    called = _called(name)
    with polite():
        kept = labs.down(name, discard=discard)
    if kept is None:
        console.say(f"There is no lab {name}: nothing to remove.")
        return
    for reference in kept.references:
        console.say(f"kept       branch {reference}")
    if kept.references:
        clone = shlex.join(["git", "clone", "--branch", kept.references[0], str(kept.repository)])
        console.say(f"           get it back: {clone}")
    if kept.files:
        console.say(f"kept       files over 10 MiB: {kept.files}")
    console.say(f"The {called} is gone.")


def stop(name: str) -> None:
    """`labs stop`."""
    with polite():
        labs.stop(name)
    console.say(f"The {_called(name)} is stopped. labs start {name} goes on with all that is in it.")


def start(name: str) -> None:
    """`labs start`."""
    with polite():
        labs.start(name, console.say)
    console.say(f"The {_called(name)} runs; its parts need a moment to be ready.")


def install_kyverno(name: str) -> None:
    """`labs install kyverno`."""
    with polite(), labs.running(name) as lab:
        head.say(lab)
        console.say(kyverno.install(lab))


def trust_kyverno(name: str) -> None:
    """`labs trust kyverno`."""
    with polite(), labs.running(name) as lab:
        head.say(lab)
        console.say(kyverno.give_trust(lab))


def _called(name: str) -> str:
    """What a lab is called in a sentence."""
    lab = labs.noted(name)
    return lab.called if lab else f"lab {name}"


@contextmanager
def polite() -> Iterator[None]:
    """While the block runs, being ended (SIGTERM, SIGHUP) is like Ctrl-C: programs under way are stopped first.

    So is SIGINT itself where the program was started with it ignored, as shells do in the background.
    """

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
