"""Which upstream image stands beside a Chainguard image of this course."""

from __future__ import annotations

from grader.errors import InputError
from labs.image.reference import Reference

_UPSTREAM = {
    "cgr.dev/chainguard/crossplane": ("xpkg.crossplane.io", "crossplane/crossplane"),
    "cgr.dev/chainguard/argocd": ("quay.io", "argoproj/argocd"),
    "cgr.dev/chainguard/argocd-repo-server": ("quay.io", "argoproj/argocd"),
    "cgr.dev/chainguard/nginx": ("docker.io", "library/nginx"),
}


def of(reference: Reference) -> Reference:
    """Upstream's image under the same tag. Raises InputError where none is known."""
    found = _UPSTREAM.get(f"{reference.registry}/{reference.repository}")
    if found is None:
        raise InputError(
            f"no upstream image is known for {reference}",
            advice="Name the other image too: labs image compare IMAGE OTHER",
        )
    return Reference(*found, tag=reference.tag)
