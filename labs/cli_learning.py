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


@_command("text")
@click.argument("named", metavar="[MODULE]", required=False)
@click.option("--step", metavar="STEP", help="Only the text of this step, with its commands.")
@click.option("--sections", is_flag=True, help="List the sections.")
@click.option("--section", metavar="SECTION", help="Only this section: its number, or a word of its title.")
@click.option("--code", metavar="N", type=int, help="Only the block of code with this number, as it is.")
def text(
    lab: str | None,
    module: str | None,
    named: str | None,
    step: str | None,
    sections: bool,
    section: str | None,
    code: int | None,
) -> None:
    """A module's text in plain lines."""
    from labs.commands import learn_read

    if code is not None:
        learn_read.code(lab, named or module, code)
    elif section is not None:
        learn_read.section(lab, named or module, section)
    elif sections:
        learn_read.listing(lab, named or module)
    else:
        learn_read.text(lab, named or module, step)


@_command("steps")
@click.argument("named", metavar="[MODULE]", required=False)
def steps(lab: str | None, module: str | None, named: str | None) -> None:
    """The steps of a module, each with its state."""
    from labs.commands import learn

    learn.steps(lab, named or module)


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
@click.option("--all", "everything", is_flag=True, help="Tell of every check, not of the first to mend alone.")
@click.option("--probes", is_flag=True, help="Tell each probe too: question, answer, the line that decides.")
def check(
    lab: str | None, module: str | None, wanted: str | None, wait: str | None, everything: bool, probes: bool
) -> None:
    """Grade your work: what is right, what is not yet, and what to look at."""
    from labs.commands import learn_check

    learn_check.check(lab, module, wanted, wait, everything=everything, probes=probes)


@_command("hint")
@click.argument("step", required=False)
@click.option("--all", "everything", is_flag=True, help="Tell those again that were shown before.")
def hint(lab: str | None, module: str | None, step: str | None, everything: bool) -> None:
    """One hint more, chosen for the check that fails."""
    from labs.commands import learn_check

    learn_check.hint(lab, module, step, everything=everything)


@_command("show")
@click.argument("number", type=int, required=False)
def show(lab: str | None, module: str | None, number: int | None) -> None:
    """The solution, when asked twice; then the other accepted ones, by number."""
    from labs.commands import learn_check

    learn_check.show(lab, module, number)


@_command("run")
@click.argument("step", required=False)
@click.option("--code", metavar="N", type=int, help="Only the block of code with this number, as labs text counts.")
def run(lab: str | None, module: str | None, step: str | None, code: int | None) -> None:
    """Run a step's commands in the lab's shell, after showing them; or one block of the text."""
    from labs.commands import learn_run

    if code is None:
        learn_run.run(lab, module, step)
    else:
        learn_run.code(lab, module, step, code)


@_command("edit")
@click.argument("named", metavar="[FILE[:LINE]]", required=False)
def edit(lab: str | None, module: str | None, named: str | None) -> None:
    """Open a file of your clone in your editor; by default at the first line that fails."""
    from labs.commands import learn_edit

    learn_edit.edit(lab, module, named)


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
@click.option("--yes", "sure", is_flag=True, help="Put your work away without asking.")
def jump(lab: str | None, module: str | None, step: str, sure: bool) -> None:
    """Go to a step, with the state before it built; your work goes to a branch."""
    from labs.commands import learn_change

    learn_change.jump(lab, module, step, sure=sure)


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
    """Take in what FILE tells, or standard input (-); what was done here stays."""
    from labs.commands import learn_change

    learn_change.take_in(lab, file)
