"""Ways through a module's text: its links and headings, and back again."""

from __future__ import annotations

from textual import on
from textual.widgets import Markdown

from labs.tui.links import Target, target
from labs.tui.screens.dialogs import Answer, Choice, confirm
from labs.tui.screens.module_base import ModuleBase
from labs.tui.widgets.lesson import Lesson, LessonText


class Ways(ModuleBase):
    """The keys l, m and Backspace, and links that are clicked."""

    @on(Markdown.LinkClicked)
    def _clicked(self, event: Markdown.LinkClicked) -> None:
        self._follow(target(event.href, self.learner.course))

    def _follow(self, to: Target) -> None:
        if to.kind == "anchor":
            if not self.query_one(Lesson).go(to.anchor):
                self.say(f"This text has no heading {to.anchor}.")
        elif to.kind == "module" and to.module == self.module.id:
            self.query_one(Lesson).go(to.anchor)
        elif to.kind == "module":
            self.labs.open_module(to.module, to.anchor)
        elif to.kind == "unwritten":
            self.say(f"Module {to.module} is not written yet.")
        elif to.kind == "external" and not self.labs.restricted:
            question = confirm("A link to somewhere else", to.address, "Open it in the browser")
            self.app.push_screen(question, lambda yes: self.app.open_url(to.address) if yes == "yes" else None)
        else:
            self.say(to.address)

    def action_links(self) -> None:
        """All links of the text, to follow one by the keyboard."""
        found = _links(self.query_one(LessonText))
        answers = [Answer(str(index), words, href) for index, (words, href) in enumerate(found)]
        self.app.push_screen(
            Choice("Links of this text", "" if answers else "There is none.", answers),
            lambda chosen: self._follow(target(found[int(chosen)][1], self.learner.course)) if chosen else None,
        )

    def action_headings(self) -> None:
        """All headings, to go to one."""
        found = self.query_one(LessonText).table_of_contents
        answers = [Answer(block or "", title, level=level - 1) for level, title, block in found]
        here = self.query_one(Lesson).heading_here()
        self.app.push_screen(Choice("Headings of this text", "", answers, here), self._to_heading)

    def _to_heading(self, block: str | None) -> None:
        if block:
            self.remove_class("-side")
            lesson = self.query_one(Lesson)
            lesson.focus(scroll_visible=False)
            lesson.to_heading(block)

    def action_back(self) -> None:
        """To where the last jump in the text began."""
        if not self.query_one(Lesson).back():
            self.say("There was no jump to go back from.")


def _links(document: LessonText) -> list[tuple[str, str]]:
    """Words and address of every link, in the order of the text."""
    found: list[tuple[str, str]] = []
    for block in document.walk_children(with_self=False):
        for token in getattr(getattr(block, "_inline_token", None), "children", None) or []:
            if token.type == "link_open":
                found.append(("", str(token.attrs.get("href", ""))))
            elif token.type in ("text", "code_inline") and found and found[-1][0] == "":
                found[-1] = (token.content, found[-1][1])
    return found
