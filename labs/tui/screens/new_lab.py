"""What is asked before a lab is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labs.tui.screens.dialogs import Answer, Choice

if TYPE_CHECKING:
    from labs.tui.app import LabsApp

CLUSTERS = (
    Answer("auto", "Whichever this machine can carry", "kind where Docker is there, else simulated"),
    Answer("kind", "A real cluster (kind)", "needs Docker, kind, helm and kubectl; some minutes the first time"),
    Answer("simulated", "A simulated cluster", "needs nothing else; seconds. Marked as simulated everywhere"),
)


async def asked(app: LabsApp, name: str) -> tuple[str, str | None] | None:
    """Name and cluster of the lab to make (None: the machine decides), or None."""
    text = f"The lab {name} gets a cluster, a Git remote with your clone, and signed sample images."
    found = await app.push_screen_wait(Choice("Make a lab", text, CLUSTERS))
    if found is None:
        return None
    return name, None if found == "auto" else found
