"""The images of the lab's registry: which exist, and under which digest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labs.cluster.simulated.settings import Current

PROVIDERS = "chainguard/provider-"
"""No published image of the registry is called so: whatever begins like this is the lab's, or is not there."""


class Images:
    """Looks image references up in the settings' table."""

    def __init__(self, settings: Current) -> None:
        self.settings = settings

    def entry(self, reference: str) -> Mapping[str, Any] | None:
        """What the table says of a reference by tag or digest, or None where it is not in it."""
        images = self.settings.get().images
        name, tag, digest = split(reference)
        if digest:
            of_name = ((key, value) for key, value in images.items() if split(key)[0] == name)
            return next((value for _, value in of_name if value.get("digest") == digest), None)
        return images.get(f"{name}:{tag or 'latest'}")

    def exists(self, reference: str) -> bool:
        """Whether a node could pull it. Images of other places are taken to exist."""
        name = split(reference)[0]
        ours = name.startswith(f"{self.settings.get().registry}/{PROVIDERS}")
        return not ours or self.entry(reference) is not None

    def in_registry(self, reference: str) -> bool:
        """Whether the registry has it, as a policy engine sees it: nothing outside the lab's table is known there."""
        return self.entry(reference) is not None

    def problem(self, reference: str) -> str:
        """Why it cannot be pulled, in containerd's words."""
        return f'rpc error: code = NotFound desc = failed to pull and unpack image "{reference}": not found'

    def identity(self, reference: str) -> str:
        """The image by its digest, where that is known."""
        found = self.entry(reference)
        name, _, digest = split(reference)
        known = digest or (str(found.get("digest", "")) if found else "")
        return f"{name}@{known}" if known else ""


def split(reference: str) -> tuple[str, str, str]:
    """Name, tag and digest of a reference; tag and digest may be empty."""
    name, _, digest = reference.partition("@")
    place, _, last = name.rpartition("/")
    short, _, tag = last.partition(":")
    return f"{place}/{short}" if place else short, tag, digest
