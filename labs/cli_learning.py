"""The commands of the course: all that the program's screens do, a line at a time."""

from __future__ import annotations

from collections.abc import Callable

import click

_LAB = click.option("--lab", metavar="NAME", help="Which lab.  [default: this shell's, else the first there is]")
_MODULE = click.option("--module", "-m", metavar="MODULE", help="Which module, such as 01.  [default: where you are]")
_Function = Callable[..., None]
_COMMANDS: dict[str, _Function] = {}
_PROGRESS: dict[str, _Function] = {}


def add(labs: click.Group) -> None:
    """Adds the commands to the group."""
    for name, function in _COMMANDS.items():
        labs.command(name)(function)
    progress = labs.group("progress", help="What you have done, in one file to carry along.")(lambda: None)
    for name, function in _PROGRESS.items():
        progress.command(name)(function)


def _command(name: str, *, module: bool = True, among: dict[str, _Function] = _COMMANDS) -> Callable[[_Function], None]:
    """Notes a command, with the options that all of them have."""

    def note(function: _Function) -> None:
        among[name] = _LAB(_MODULE(function) if module else function)

    return note


@_command("modules", module=False)
def modules(lab: str | None) -> None:
    """The course's modules, and what you have done of them."""
    from labs.commands import learn

    learn.modules(lab)


@_command("text", module=False)
@click.argument("module", required=False)
@click.option("--step", metavar="STEP", help="Only the text of this step, with its commands.")
def text(lab: str | None, module: str | None, step: str | None) -> None:
    """A module's text in plain lines."""
    from labs.commands import learn

    learn.text(lab, module, step)


@_command("steps", module=False)
@click.argument("module", required=False)
def steps(lab: str | None, module: str | None) -> None:
    """The steps of a module, each with its state."""
    from labs.commands import learn

    learn.steps(lab, module)


@_command("continue", module=False)
def where(lab: str | None) -> None:
    """Where you stand, and what comes next."""
    from labs.commands import learn

    learn.where(lab)


@_command("next")
@click.argument("step", required=False)
def onward(lab: str | None, module: str | None, step: str | None) -> None:
    """Go on to the next step, or to the one named."""
    from labs.commands import learn

    learn.onward(lab, module, step)


@_command("check")
@click.argument("wanted", metavar="[CHECK|STEP]", required=False)
@click.option("--wait", metavar="TIME", help="Wait for the cluster to follow, up to this long (90s, 5m).")
def check(lab: str | None, module: str | None, wanted: str | None, wait: str | None) -> None:
    """Grade your work: what is right, what is not yet, and what to look at."""
    from labs.commands import learn

    learn.check(lab, module, wanted, wait)


@_command("hint")
@click.argument("step", required=False)
def hint(lab: str | None, module: str | None, step: str | None) -> None:
    """One hint more, chosen for the check that fails."""
    from labs.commands import learn

    learn.hint(lab, module, step)


@_command("show")
def show(lab: str | None, module: str | None) -> None:
    """The solution, when asked twice; then the other accepted ones."""
    from labs.commands import learn

    learn.show(lab, module)


@_command("run")
@click.argument("step", required=False)
def run(lab: str | None, module: str | None, step: str | None) -> None:
    """Run a step's commands in the lab's shell, after showing them."""
    from labs.commands import learn_run

    learn_run.run(lab, module, step)


@_command("look", module=False)
@click.argument("topic", metavar="[images|sbom|admission|providers]", required=False)
@click.argument("part", metavar="[IMAGE|1-4]", required=False)
@click.option("--open", "opened", is_flag=True, help="Tell all that is known of each row.")
def look(lab: str | None, topic: str | None, part: str | None, opened: bool) -> None:
    """Look at the platform as the lesson does: its images, what is in them, what is let in."""
    from labs.commands import demonstrate

    demonstrate.show(lab, topic, part, opened=opened)


@_command("reset")
@click.option("--step", metavar="STEP", help="Back to before this step.  [default: to before all of them]")
@click.option("--yes", "sure", is_flag=True, help="Undo all steps without asking.")
def reset(lab: str | None, module: str | None, step: str | None, sure: bool) -> None:
    """Undo what you changed; your commits go to a branch."""
    from labs.commands import learn_change

    learn_change.reset(lab, module, step, sure=sure)


@_command("jump")
@click.argument("step")
def jump(lab: str | None, module: str | None, step: str) -> None:
    """Go to a step, with the state before it built."""
    from labs.commands import learn_change

    learn_change.jump(lab, module, step)


@_command("show", module=False, among=_PROGRESS)
def progress_show(lab: str | None) -> None:
    """The file, and what it tells."""
    from labs.commands import learn_change

    learn_change.show(lab)


@_command("export", module=False, among=_PROGRESS)
@click.argument("file")
def progress_export(lab: str | None, file: str) -> None:
    """Write a copy to FILE, or to standard output (-)."""
    from labs.commands import learn_change

    learn_change.export(lab, file)


@_command("import", module=False, among=_PROGRESS)
@click.argument("file")
def progress_import(lab: str | None, file: str) -> None:
    """Take in what FILE tells; what was done here stays."""
    from labs.commands import learn_change

    learn_change.take_in(lab, file)
