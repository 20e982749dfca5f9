"""How much is read of all that hangs on one image."""

from __future__ import annotations

from time import monotonic

from grader.errors import EnvironmentFault, InputError
from labs.image.reference import Reference

BYTES = 128 << 20
SECONDS = 600


class Budget:
    """Bytes and seconds for everything attached to the image, from the budget's making on."""

    def __init__(self, image: Reference) -> None:
        self._image = str(image)
        self._left = BYTES
        self._until = monotonic() + SECONDS

    def spend(self, size: int = 0) -> None:
        """Notes what was read. Raises InputError or EnvironmentFault where that was too much or took too long."""
        self._left -= size
        if self._left < 0:
            raise InputError(f"more than {BYTES} bytes are attached to the image", where=self._image)
        if monotonic() > self._until:
            raise EnvironmentFault(f"reading what is attached took more than {SECONDS} seconds", where=self._image)
