"""All keys, by where they work."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from labs.tui.screens.reading import Reading

KEYS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "Everywhere",
        (
            ("?", "these keys"),
            ("Ctrl+T", "the next theme: dark, light, high contrast"),
            ("Esc", "back to where you came from"),
            ("Ctrl+Z", "back to your shell for a while; fg returns"),
            ("Ctrl+Q", "leave the program; your progress is kept"),
        ),
    ),
    (
        "Home",
        (
            ("c", "continue where you were"),
            ("Enter", "open what is marked: a module, a lab"),
            ("n", "make a lab"),
            ("q", "leave"),
        ),
    ),
    (
        "A lab being made",
        (
            ("Esc", "go and read; the lab is made meanwhile"),
            ("r", "once more, from the step that failed"),
            ("d", "ask the doctor what this machine lacks"),
            ("x", "stop; what is made stays, and r goes on"),
        ),
    ),
    (
        "A module",
        (
            ("Tab", "from the text to the steps and back"),
            ("1 to 9", "go to that step, in the list and in the text"),
            ("[  ]", "the module before, the module after"),
            ("Space, PgUp, PgDn", "turn the page of the text"),
            ("n  p", "the next code block, the one before"),
            ("l", "the links of this text"),
            ("m", "the headings of this text"),
            ("g", "grade now, without waiting"),
            ("d", "demonstrations: images, SBOMs, admission, providers, asked live"),
            ("o", "what commands printed: larger, away, back"),
            ("Shift+↑ Shift+↓", "scroll what commands printed; when it is large: ↑ ↓ PgUp PgDn"),
            ("Backspace", "in the text, back to where the last jump began"),
            ("x", "stop the command that runs; x again: at once"),
            ("t", "a shell in the lab; exit comes back here"),
            ("e", "open a file of your clone in $EDITOR"),
            ("h", "a hint for this step; h again: one more"),
            ("s", "solutions: after asking twice, or when done"),
            ("R", "reset this step, or everything; your work is kept on a branch"),
            ("J", "jump: build the state before a step"),
        ),
    ),
    (
        "On a code block",
        (
            ("r, Enter", "run it in the lab; nothing runs without this key"),
            ("y", "copy it"),
            ("w", "write it into a file of your clone"),
            ("n  p", "the next block, the one before"),
        ),
    ),
    (
        "On the list of steps",
        (
            ("Up, Down", "choose a step"),
            ("r", "run the commands of the step, one after the other"),
            ("Enter", "open its checks: every probe, what it asked and what came back"),
            ("PgUp, PgDn", "turn the page of what is told below"),
        ),
    ),
    (
        "Opened checks",
        (
            ("PgUp, PgDn", "turn the page; Up, Down: another check"),
            ("g", "ask anew"),
            ("y", "copy what to do next, or the command that asks a probe again"),
            ("e  t  h", "edit, shell, hint: back in the module"),
        ),
    ),
    (
        "Demonstrations",
        (
            ("Up, Down", "choose one; Tab goes to its tables"),
            ("Enter", "open the row of a table"),
            ("/", "show only the rows that have some letters"),
            ("g", "ask the lab anew"),
            ("y", "copy the request"),
        ),
    ),
    (
        "Marks",
        (
            ("✓ passed", "nothing is missing"),
            ("✗ failed", "what was expected, what was seen, why it matters, what to do next"),
            ("… blocked", "waits for another check, which it names"),
            ("~ waiting", "the cluster has not followed yet; this passes by itself or turns into failed"),
            ("? could not tell", "the lab's fault, never yours; costs nothing"),
            ("· not asked yet", "no grading so far"),
            ("- to read", "a step without marks"),
            ("# locked", "an earlier step comes first"),
        ),
    ),
)


def screen(first: Sequence[str] = ()) -> Reading:
    """The keys as a screen; those that work where one is come first, by the titles of `KEYS`."""
    lines: list[Content] = []
    places = {title: at for at, title in enumerate(dict.fromkeys(first))}
    for title, keys in sorted(KEYS, key=lambda one: places.get(one[0], len(places))):
        lines.append(Content.styled(title, "bold $link"))
        lines += [Content.assemble((f"  {key:18}", "bold"), " ", what) for key, what in keys]
        lines.append(Content(""))
    return Reading("Keys", Content("\n").join(lines[:-1]), hang=_below_meaning)


def _below_meaning(line: str) -> int:
    return 21 if line.startswith("  ") else 0
