"""The lab's authority: keys, certificates, and the trust that Kyverno and the node are given."""

from __future__ import annotations

from pathlib import Path

from labs.platform import manifests
from labs.platform.values import Values, merged
from labs.registry import authority, kyverno, node, trust
from labs.registry import manifests as registry
from labs.registry.authority import Authority
from labs.state import write
from labs.steps.context import Context
from labs.steps.work import Work


def make(context: Context) -> str:
    """Makes the authority, or loads it, and lays out what others read of it: the node's containerd too."""
    for name, content in node.files(load(context).tls.pem, registry.ADDRESS).items():
        write(context.folder.trusted_hosts / name, content, 0o644)
    return lay(context)


def lay(context: Work) -> str:
    """Makes the authority, or loads it, and lays out what Kyverno and the host read of it."""
    found = load(context)
    trust.build(found).store(context.folder.tuf)
    write(ca_file(context), found.tls.pem, 0o644)
    return "private Sigstore and registry certificate"


def load(context: Work) -> Authority:
    """The lab's authority."""
    return authority.load_or_create(context.folder.registry / "authority")


def ca_file(context: Work) -> Path:
    """The registry's own authority as PEM."""
    return context.folder.registry / "ca.crt"


def held(context: Work) -> bool:
    """Whether all of it is still there."""
    return ca_file(context).is_file() and (context.folder.tuf / "timestamp.json").is_file()


def kyverno_values(context: Work) -> Values:
    """Helm values with which Kyverno trusts the lab: overrides first, for the trust must stay."""
    found = load(context)
    made = kyverno.kyverno_values(trust.build(found), found.tls.pem, kyverno.host_path(manifests.TUF_ON_NODE))
    return merged(context.overrides.chart("kyverno").values, made)
