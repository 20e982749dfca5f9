"""Bringing labs up, adding to them, and taking them down."""

from __future__ import annotations

from labs import console, kyverno
from labs import lab as labs


def up(name: str, overrides: str | None) -> None:
    """`labs up`: one line a step, then where everything is."""
    made = labs.up(name, overrides, console.step, console.say)
    console.say()
    console.say(f"The lab {name} is up. Your clone: {made.folder.clone}")
    suffix = "" if name == "default" else f" {name}"
    console.say(f"Next: labs shell{suffix} opens a shell in it; labs opens the course.")


def down(name: str, discard: bool) -> None:
    """`labs down`: says what was kept of the learner's work."""
    kept = labs.down(name, discard=discard)
    if kept is None:
        console.say(f"There is no lab {name}: nothing to remove.")
        return
    for reference in kept.references:
        console.say(f"kept: branch {reference} of {kept.repository}")
    console.say(f"The lab {name} is gone.")


def install_kyverno(name: str) -> None:
    """`labs install kyverno`."""
    with labs.running(name) as lab:
        console.say(kyverno.install(lab))


def trust_kyverno(name: str) -> None:
    """`labs trust kyverno`."""
    with labs.running(name) as lab:
        console.say(kyverno.give_trust(lab))
