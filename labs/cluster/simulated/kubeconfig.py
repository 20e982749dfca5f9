"""The kubeconfig of a simulated cluster: everything in the file itself."""

from __future__ import annotations

import base64
import json
from pathlib import Path

from labs.cluster.simulated.place import Place
from labs.state import write


def save(path: Path, place: Place, name: str, port: int) -> None:
    """Writes a kubeconfig for its owner alone. JSON is YAML too."""
    context = f"simulated-{name}"
    authority = base64.b64encode(place.authority.read_bytes()).decode()
    cluster = {"server": f"https://127.0.0.1:{port}", "certificate-authority-data": authority}
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "preferences": {},
        "current-context": context,
        "clusters": [{"name": context, "cluster": cluster}],
        "users": [{"name": context, "user": {"token": place.token()}}],
        "contexts": [{"name": context, "context": {"cluster": context, "user": context}}],
    }
    write(path, json.dumps(content, indent=1).encode() + b"\n", mode=0o600)
