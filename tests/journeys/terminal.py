"""A terminal of tmux's own in which a program runs: keys go in, and what stands on its screen comes out."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

PATIENCE = 60.0
_LOOK = 0.1
_TAKEN = 15.0
_TRIES = 3


class Terminal:
    """One window of 100 by 30, on a tmux server of its own, whose socket lies in `folder`."""

    def __init__(self, folder: Path, command: Sequence[str], surroundings: Mapping[str, str], cwd: Path) -> None:
        self._socket = str(folder / "tmux")
        self._surroundings = {**surroundings, "TERM": "screen-256color", "LC_ALL": "C.UTF-8"}
        self._tmux("-f", "/dev/null", "new-session", "-d", "-x", "100", "-y", "30", "-c", str(cwd), *command)

    def press(self, *keys: str) -> None:
        """Presses keys by tmux's names (`Tab`, `Enter`, `r`)."""
        self._tmux("send-keys", *keys)

    def type(self, text: str) -> None:
        """Types text as it stands."""
        self._tmux("send-keys", "-l", text)

    @property
    def screen(self) -> str:
        """What stands on the screen; nothing where the program has ended."""
        return self._tmux("capture-pane", "-p", check=False)

    def until(self, text: str, patience: float = PATIENCE) -> str:
        """Waits until the screen holds a text, and returns the screen."""
        return self.until_so(lambda screen: text in screen, text, patience)

    def until_so(self, so: Callable[[str], bool], what: str, patience: float = PATIENCE) -> str:
        """Waits until something is so of the screen, and returns it; what is waited for is named in a failure."""
        end = time.monotonic() + patience
        while not so(screen := self.screen):
            assert time.monotonic() < end, f"not on the screen within {patience:.0f} s: {what}\n{screen}"
            time.sleep(_LOOK)
        return screen

    def press_until(self, keys: Sequence[str], so: Callable[[str], bool], what: str) -> None:
        """Presses keys until something is so of the screen: one that comes while a program takes the terminal back
        may be lost."""
        for _ in range(_TRIES - 1):
            self.press(*keys)
            end = time.monotonic() + _TAKEN
            while time.monotonic() < end:
                if so(self.screen):
                    return
                time.sleep(_LOOK)
        self.press(*keys)
        self.until_so(so, what)

    def close(self) -> None:
        """Ends the server, and all that runs in it."""
        self._tmux("kill-server", check=False)

    def _tmux(self, *arguments: str, check: bool = True) -> str:
        done = subprocess.run(
            ["tmux", "-S", self._socket, *arguments],
            env=self._surroundings,
            capture_output=True,
            text=True,
            check=False,
        )
        assert not check or done.returncode == 0, f"tmux {arguments}: {done.stderr}"
        return done.stdout
