"""Whom to trust: the public good instance of Sigstore, and a lab's own authority."""

from __future__ import annotations

import json
from pathlib import Path

from grader import attest
from grader.errors import EnvironmentFault
from labs.image import roots
from labs.image.roots import Roots

PUBLIC = "Sigstore's public good instance"
LAB = "the lab"
_SIZE = 4 << 20


def public() -> Roots:
    """The public good's, as `sigstore` ships it."""
    return roots.read(PUBLIC, json.dumps(attest.public_good_root()))


def of_lab(tuf: Path) -> Roots:
    """The lab's trusted root in its TUF repository; it holds the public good's keys too. Raises EnvironmentFault."""
    file = next((tuf / "targets").glob("*.trusted_root.json"), None)
    try:
        if file is None or file.stat().st_size > _SIZE:
            raise OSError
        return roots.read(LAB, file.read_text())
    except (OSError, UnicodeDecodeError):
        raise EnvironmentFault(
            "the lab's trusted root cannot be read", where=str(tuf), advice="labs up makes it anew."
        ) from None


def told(name: str) -> str:
    """In words, by whose trust something holds."""
    return "the lab's authority, not Chainguard" if name == LAB else name
