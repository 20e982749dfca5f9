"""The Textual program behind `labs` without arguments."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual import work
from textual.app import App
from textual.binding import Binding, BindingType

from grader.errors import LabsError
from grader.text import clean
from labs.tui import guard, preferences
from labs.tui.screens.home import HomeScreen
from labs.tui.themes import DEFAULTS, NAMES, THEMES, TITLES

if TYPE_CHECKING:
    from collections.abc import Callable

    from labs.tui.making import Making
    from labs.tui.session import Session

T = TypeVar("T")


class LabsApp(App[None]):
    """Home first; modules and bring-ups over it.

    `restricted`: no command, shell, editor or file is opened from here, for sessions that strangers may reach.
    """

    CSS_PATH = Path(__file__).parent / "styles" / "labs.tcss"
    TITLE = "Platform Labs"
    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]  # noqa: RUF012 (Textual's own)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "keys", "Keys", show=False),
        Binding("ctrl+t", "next_theme", "Theme", show=False),
        Binding("ctrl+z", "suspend_process", "Suspend", show=False),
        Binding("ctrl+q", "quit", "Quit", show=False, priority=True),
    ]

    def __init__(self, session: Session, module: str | None = None, *, restricted: bool = False) -> None:
        super().__init__()
        self.session = session
        self.first = module
        self.restricted = restricted
        self.making: Making | None = None
        self._unsaved = ""
        self._keeper = ThreadPoolExecutor(1, thread_name_prefix="progress")
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = preferences.theme(NAMES)
        self.animation_level = "none"

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The program's own colours, for themes that lack them."""
        return DEFAULTS

    def on_mount(self) -> None:
        if not self.is_headless:
            guard.when_ended(self.exit)
        self.push_screen(HomeScreen(self.session))
        if self.first:
            self.call_after_refresh(self.open_module, self.first)

    def run_guarded(self) -> None:
        """Runs until the person leaves; the terminal is put back and progress kept, whatever happens."""
        try:
            with guard.kept():
                self.run()
        finally:
            self.close()

    def close(self) -> None:
        """Ends what was begun in the background, and waits until progress is written."""
        if self.making and self.making.outcome == "running":
            self.making.cancel()
            self.making.wait(12.0)
        self.session.close()
        self._keeper.shutdown(wait=True)

    def keep(self, action: Callable[[], T]) -> Future[T | None]:
        """Does something with the progress in its one thread; a failure is told, and never stops the program."""

        def told() -> T | None:
            try:
                found = action()
                self._tell_unsaved()
                return found
            except LabsError as error:
                self.call_later(self.tell, error)
                return None

        return self._keeper.submit(told)

    def _tell_unsaved(self) -> None:
        """Says once why progress cannot be written, and again once it could be meanwhile."""
        fault = self.session.learner.unsaved
        if fault and str(fault) != self._unsaved:
            self.call_later(self.tell, fault)
        self._unsaved = str(fault or "")

    def tell(self, error: LabsError) -> None:
        """Says what went wrong, in a corner."""
        self.notify(clean(error.diagnostics()), severity="error", markup=False, timeout=12)

    def refused(self, what: str) -> bool:
        """Whether this session may not do something; then says so, and why."""
        if self.restricted:
            why = "whoever reaches it could do so on this machine. In a terminal, labs can."
            self.notify(f"A session in a browser may not {what}: {why}", severity="warning", markup=False)
        return self.restricted

    def action_keys(self) -> None:
        """Shows all keys, those of the place where one is first."""
        from labs.tui.screens import help as keys

        here = self.focused.ancestors_with_self if self.focused else [self.screen]
        self.push_screen(keys.screen([title for one in here for title in getattr(one, "KEYS_OF", ())]))

    def action_demonstrations(self) -> None:
        """Shows the platform itself as the example."""
        from labs.tui.screens.demonstrations import DemonstrationsScreen

        self.push_screen(DemonstrationsScreen(self.session))

    def action_next_theme(self) -> None:
        """Dark, light, high contrast, and from the beginning."""
        at = NAMES.index(self.theme) if self.theme in NAMES else -1
        self.theme = NAMES[(at + 1) % len(NAMES)]
        preferences.keep_theme(self.theme)
        self.notify(f"Colours: {TITLES[self.theme]}", markup=False, timeout=2)

    @work(exclusive=True, group="open")
    async def action_continue(self) -> None:
        """Opens the module to go on with, where one was."""
        overview = await self.run_worker(self.session.overview, thread=True, group="overview").wait()
        if overview.next_module:
            self.open_module(overview.next_module)

    def open_module(self, module: str, anchor: str = "") -> None:
        """Opens a module's text and steps; takes the place of one that is open."""
        from labs.tui.screens.module import ModuleScreen

        try:
            found = self.session.learner.course.module(module)
            screen = ModuleScreen(self.session, found, anchor)
        except LabsError as error:
            self.tell(error)
            return
        if isinstance(self.screen, ModuleScreen):
            self.switch_screen(screen)
        else:
            self.push_screen(screen)

    @work(exclusive=True, group="open lab")
    async def open_lab(self, name: str) -> None:
        """Uses a lab; one that is not complete is made complete."""
        self.session.use_lab(name)
        if self.making and self.making.name == name and self.making.outcome == "running":
            self._show_making()
        elif await asyncio.to_thread(self.session.has_lab):
            self.notify(f"The lab {name} is used from here on.", markup=False)
            self.action_continue()
        elif not self.refused("make a lab"):
            self.make_lab(name, None)
            self._show_making()

    @work(exclusive=True, group="new lab")
    async def action_new_lab(self) -> None:
        """Asks which kind of lab, and makes it."""
        from labs.tui.screens.new_lab import asked

        if self.refused("make a lab"):
            return
        if self.making and self.making.outcome == "running":
            self._show_making()
            return
        name = "second" if await asyncio.to_thread(self.session.has_lab) else "default"
        wanted = await asked(self, name)
        if wanted:
            self.session.use_lab(wanted[0])
            self.make_lab(*wanted)
            self._show_making()

    def make_or_finish(self) -> None:
        """Makes complete the lab that is used, or asks which kind to make."""
        name = self.session.lab_name
        if any(one.name == name for one in self.session.overview().labs):
            self.open_lab(name)
        else:
            self.action_new_lab()

    def make_lab(self, name: str, cluster: str | None) -> Making:
        """Begins to make a lab in the background."""
        from labs.tui.making import Making

        self.making = Making(self.session, name, cluster, self._making_told)
        self.making.start()
        return self.making

    def _show_making(self) -> None:
        from labs.tui.screens.bringup import BringUpScreen

        if self.making and not isinstance(self.screen, BringUpScreen):
            self.push_screen(BringUpScreen(self.session, self.making))

    def action_show_making(self) -> None:
        """Goes to the lab that is being made, if one is."""
        self._show_making()

    def _making_told(self) -> None:
        """From the thread that makes the lab."""
        self.call_later(self._making_changed)

    def _making_changed(self) -> None:
        for screen in self.screen_stack:
            changed = getattr(screen, "making_changed", None)
            if changed and screen.is_attached:
                changed()
