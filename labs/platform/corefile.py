"""The cluster's DNS answer for the lab's registry, as a change of CoreDNS' Corefile."""

from __future__ import annotations

import re

_BLOCK = re.compile(r"^ {4}hosts \{[^}]*\}\n", re.M)
_SERVER = re.compile(r"^\.:53 \{\n", re.M)


def with_host(corefile: str, name: str, address: str) -> str:
    """The Corefile in which `name` has `address`, and every other name goes on to the next plugin.

    Raises ValueError where the Corefile has no server for all names on port 53, as kubeadm writes it.
    """
    block = f"    hosts {{\n        {address} {name}\n        fallthrough\n    }}\n"
    plain = _BLOCK.sub("", corefile)
    if not _SERVER.search(plain):
        raise ValueError("the Corefile has no server block “.:53”")
    return _SERVER.sub(lambda start: start.group() + block, plain, count=1)
