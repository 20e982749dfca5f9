"""How the node's containerd pulls from `cgr.dev`: from the lab's registry first, then from the real one.

Format: containerd `docs/hosts.md`; the files lie in `/etc/containerd/certs.d/cgr.dev`.
"""

from __future__ import annotations

from labs.registry.samples import REGISTRY

ON_NODE = f"/etc/containerd/certs.d/{REGISTRY}"
AUTHORITY = "ca.crt"


def hosts_toml(address: str) -> str:
    """Asks the registry at the cluster address `address`; what is not there is asked of `server`."""
    return (
        f'server = "https://{REGISTRY}"\n\n'
        f'[host."https://{address}"]\n'
        f'  capabilities = ["pull", "resolve"]\n'
        f'  ca = "{ON_NODE}/{AUTHORITY}"\n'
    )


def files(registry_ca: bytes, address: str) -> dict[str, bytes]:
    """All that has to lie in `ON_NODE`, by name. containerd reads it anew at each pull."""
    return {"hosts.toml": hosts_toml(address).encode(), AUTHORITY: registry_ca}
