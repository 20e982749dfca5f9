"""Work on a module's screen: running, copying and writing code, the lab's shell, the editor."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from pathlib import Path

from textual import on, work
from textual.app import SuspendNotSupported

from grader.errors import LabsError
from grader.text import one_line
from labs.learning import files
from labs.learning.pointing import pointed
from labs.learning.unlabbed import needs_lab
from labs.learning.unwritten import wanted
from labs.tui.screens.dialogs import Answer, Ask, Choice, confirm
from labs.tui.screens.module_base import ModuleBase, Size
from labs.tui.widgets.lesson import CodeBlock, Lesson
from labs.tui.widgets.output import OutputPanel
from labs.tui.widgets.steps import Steps


class Hands(ModuleBase):
    """The keys r, y, w, x, o, t and e."""

    _written = ""
    """The file that a block was written to, until it is opened."""

    def use_block(self, block: CodeBlock, what: str) -> None:
        """Copies a code block, writes it to a file, or runs it."""
        if what == "copy":
            self.app.copy_to_clipboard(block.code)
            self.say("Copied.")
        elif what == "write":
            guess = "" if block.runnable else self._guess()[0] or self._to_come()
            self.write(block.code, guess, list(self.query(CodeBlock)).index(block) + 1)
        elif block.runnable:
            self.run_commands([block.code.strip("\n")], frozenset({1} if block.fence.refused else ()))
        else:
            kind = f" but {block.language}" if block.language else ""
            self.say(f"This block is not a command{kind}: y copies it, w writes it to a file.")

    def action_run(self) -> None:
        """Runs the commands of the step."""
        step = self.current
        if step is None or not self.opened(step):
            return
        if not step.commands:
            self.say("This step has no command to run: the text tells what to do.")
        else:
            self.run_commands(step.commands, frozenset(step.refused))

    def run_commands(self, commands: Sequence[str], refused: frozenset[int] = frozenset()) -> None:
        """Runs commands in the lab; those that are about the program itself are done by it.

        `refused`: the numbers, from 1, of those that are meant to be refused.
        """
        if self._refused("run commands"):
            return
        output = self.query_one(OutputPanel)
        if output.running:
            self.say("A command is still running; x stops it.", "warning")
        elif [line.strip() for line in commands] == ["labs shell"]:
            self.action_shell()
        elif not self.has_lab and any("labs up" in command.split("\n") for command in commands):
            self.labs.open_lab(self.session.lab_name)
        elif self.looked and not self.has_lab and any(needs_lab(command) for command in commands):
            self._make_one_first()
        else:
            output.begin(self.session, commands, refused)

    def _make_one_first(self) -> None:
        """Says that commands need a lab, and makes one if that is wanted."""
        making = self.labs.making
        if making and making.outcome == "running":
            self.say("The lab is being made: b shows how far it is. Commands run once it is there.")
            return
        text = "The commands of the text run in a lab, and in nothing else of yours."
        answers = [Answer("yes", "Make a lab"), Answer("no", "Go on reading")]
        self.app.push_screen(
            Choice("No lab yet; Enter makes one", text, answers),
            lambda chosen: self.labs.make_or_finish() if chosen == "yes" else None,
        )

    def action_stop(self) -> None:
        """Stops what runs."""
        self.query_one(OutputPanel).stop()

    def action_output(self) -> None:
        """What commands printed: larger, then away, then back."""
        output = self.query_one(OutputPanel)
        if output.run is None:
            self.say("Nothing was run yet: r on a code block, or on the steps, runs it and shows what it prints here.")
        elif self.has_class("-output"):
            self.show_output("hidden")
        else:
            self.show_output("large" if output.display else "small")

    def show_output(self, size: Size) -> None:
        """Gives what commands printed no room, some, or all of it."""
        output = self.query_one(OutputPanel)
        had = output.has_focus_within
        output.display = size != "hidden"
        self.set_class(size == "large", "-output")
        self.refresh_bindings()
        output.show_keys(size == "large")
        if size == "large":
            self.call_after_refresh(output.lines.focus)
        elif had:
            self.query_one(Steps if self.has_class("-side") else Lesson).focus(scroll_visible=False)

    def action_scroll_output(self, lines: int) -> None:
        """Scrolls what commands printed, wherever the focus is."""
        self.query_one(OutputPanel).lines.scroll_relative(y=lines, animate=False)

    @on(OutputPanel.Ended)
    def _ended(self, event: OutputPanel.Ended) -> None:
        folder = self.session.clone()
        if event.run.status and not event.run.stopped and folder:
            told = [f"! {one}" for one in wanted(self.module, folder, event.run.commands)]
            self.query_one(OutputPanel).add(told) if told else None
        self.look()

    @work(exclusive=True, group="write")
    async def write(self, text: str, guess: str, number: int) -> None:
        """Writes the code block of that number into a file of the clone, whose name is asked for."""
        folder = self.session.clone()
        if self._refused("write files") or folder is None:
            if folder is None:
                self.say("There is no clone yet: make a lab first (Esc, then n).", "warning")
            return
        text = text.rstrip("\n") + "\n"
        written: list[Path | None] = []

        def refused(name: str) -> str:
            try:
                written[:] = [files.write(folder, name, text)]
            except LabsError as error:
                return self._elsewhere(name, number) if files.outside(folder, name) else error.diagnostics()
            return ""

        asked = f"Its name, as seen from your clone ({folder})."
        name = await self.app.push_screen_wait(Ask("Write to a file", asked, guess, files.of(folder), refused))
        if not name or (written == [None] and not await self._write_over(folder, name, text)):
            return
        self._written = name
        self.say(f"Written: {one_line(name)}. e opens it.")

    async def _write_over(self, folder: Path, name: str, text: str) -> bool:
        """Writes over a file if that is wanted."""
        question = confirm("The file is there already", str((folder / name).resolve()), "Write over it")
        if await self.app.push_screen_wait(question) != "yes":
            return False
        try:
            files.write(folder, name, text, over=True)
        except LabsError as error:
            self.say(error.diagnostics(), "warning")
            return False
        return True

    def _elsewhere(self, name: str, number: int) -> str:
        """How a code block comes into a file outside the clone."""
        command = f"labs text {self.module.id.partition('-')[0]} --code {number} > {shlex.quote(name)}"
        return f"w writes into your clone only. For this file: Esc, then t, and there {command}"

    def _guess(self) -> tuple[str, int | None]:
        """The file that the step is about, and a line."""
        step = self.current
        if step is None:
            return "", None
        return pointed(self.module, step, self.view.report if self.view else None, self.session.clone())

    def _to_come(self) -> str:
        """The first file that the exercise has one write."""
        return next((name for step in self.module.exercise.steps for name in step.after.files), "")

    @work(exclusive=True, group="edit")
    async def action_edit(self) -> None:
        """Opens a file of the clone in the person's editor."""
        folder = self.session.clone()
        if self._refused("open an editor") or folder is None:
            if folder is None:
                self.say("There is no clone yet: make a lab first (Esc, then n).", "warning")
            return
        try:
            instead = self.session.editor()
        except LabsError as error:
            self.labs.tell(error)
            return
        guess, line = (self._written, None) if self._written else self._guess()
        asked = f"Which file of your clone? A new name makes a new file. ({folder})"
        asked += f"\n{instead}" if instead else ""
        name = await self.app.push_screen_wait(Ask("Edit", asked, guess, files.of(folder)))
        if name:
            self._written = ""
            self._outside(lambda: self.session.edit(folder / name, line if name == guess else None))
            self.say(instead, "warning") if instead else None

    def action_shell(self) -> None:
        """The lab's shell, and back."""
        if self._refused("open a shell"):
            return
        if self.session.clone() is None:
            self._make_one_first()
        else:
            self._outside(self.session.shell)

    def _outside(self, program: Callable[[], int]) -> None:
        """Gives the terminal to a program, and takes it back whatever happens there."""
        fault: Exception | None = None
        try:
            with self.app.suspend():
                try:
                    program()
                except Exception as error:  # what leaves this block would leave the terminal given away
                    fault = error
        except SuspendNotSupported:
            self.say("This terminal cannot be given to another program; use another window: labs shell.", "warning")
        if isinstance(fault, LabsError):
            self.labs.tell(fault)
        elif fault is not None:
            raise fault
        self.app.refresh(layout=True)
        self.look()

    def action_decline(self, what: str) -> None:
        """Says why a session in a browser has no shell and no editor."""
        self._refused(what)

    def _refused(self, what: str) -> bool:
        """Whether the session may not do this; then says so."""
        return self.labs.refused(what)
