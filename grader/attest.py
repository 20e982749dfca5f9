"""The door to `sigstore`: verifying bundles, and the trust that it brings along.

`sigstore` (sigstore-python 4) is imported at the first call: it takes longer than the rest of a command.
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import quote

from grader.errors import EnvironmentFault
from grader.text import one_line

PUBLIC_GOOD = "https://tuf-repo-cdn.sigstore.dev"
IN_TOTO = "application/vnd.in-toto+json"


@dataclass(frozen=True, slots=True)
class Verification:
    """What verifying a bundle showed. `reason` is None where it holds, else why it was refused.

    `payload` is the in-toto statement, `logged` the time that the transparency log gives (if it
    does) and `index` its entry's number there; all only where the bundle holds.
    """

    reason: str | None
    payload: bytes = b""
    logged: datetime | None = None
    index: int | None = None

    @property
    def holds(self) -> bool:
        """Whether nothing was found against the bundle."""
        return self.reason is None


def verify_bundle(
    bundle: bytes | str,
    trusted_root: bytes | str,
    identity: str,
    issuer: str | None = None,
    *,
    digest: str | None = None,
) -> Verification:
    """Verifies a bundle with a DSSE envelope, offline, against a Sigstore `trusted_root.json`.

    The certificate must name exactly `identity`, and `issuer` where given; with `digest`
    (`sha256:…`) a subject of the statement must have it. Raises EnvironmentFault where the
    trusted root is none; whatever else goes wrong is the bundle's and a refusal.
    """
    from sigstore.models import Bundle
    from sigstore.verify import policy

    verifier = _verifier(trusted_root)
    try:
        kind, payload = verifier.verify_dsse(
            Bundle.from_json(bundle), policy.Identity(identity=identity, issuer=issuer)
        )
        if kind != IN_TOTO:
            return Verification("its content is no in-toto statement")
        if digest and digest not in _subjects(payload):
            return Verification(f"it is about another image than {digest}")
        return Verification(None, payload, *_logged(bundle))
    except Exception as refusal:  # a hostile bundle can make any part of the parser raise
        return Verification(one_line(str(refusal) or type(refusal).__name__, 400))


def public_good_root() -> dict[str, Any]:
    """The trusted root of the public good instance, as `sigstore` ships it for offline use.

    Raises EnvironmentFault where this release of `sigstore` has none.
    """
    name = quote(PUBLIC_GOOD, safe="")
    try:
        content = json.loads((resources.files("sigstore") / "_store" / name / "trusted_root.json").read_bytes())
    except (OSError, ValueError, ModuleNotFoundError):
        content = None
    if not isinstance(content, dict):
        raise EnvironmentFault(
            "the installed sigstore package has no trusted root of the public good instance",
            advice="Install platform-labs again: python -m pip install --force-reinstall platform-labs",
        )
    return content


def _verifier(trusted_root: bytes | str) -> Any:
    from sigstore.models import TrustedRoot
    from sigstore.verify import Verifier

    data = trusted_root.encode() if isinstance(trusted_root, str) else trusted_root
    with tempfile.TemporaryDirectory() as folder:  # it is read from files alone
        file = Path(folder) / "trusted_root.json"
        file.write_bytes(data)
        try:
            return Verifier(trusted_root=TrustedRoot.from_file(str(file)))
        except Exception as fault:
            raise EnvironmentFault(f"the trusted root cannot be used: {one_line(str(fault), 200)}") from None


def _logged(bundle: bytes | str) -> tuple[datetime | None, int]:
    """Time and number of the bundle's one entry; newer logs give no time of their own."""
    entry = json.loads(bundle)["verificationMaterial"]["tlogEntries"][0]
    time = int(entry.get("integratedTime") or 0)
    return datetime.fromtimestamp(time, UTC) if time else None, int(entry["logIndex"])


def _subjects(payload: bytes) -> set[str]:
    statement = json.loads(payload)
    return {f"sha256:{subject['digest'].get('sha256')}" for subject in statement["subject"]}
