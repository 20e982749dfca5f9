"""Crossplane's chart 1.15: its two Deployments, its account, the kinds of packages."""

from __future__ import annotations

from labs.cluster.simulated.charts.parts import (
    Object,
    Release,
    account,
    definitions,
    image,
    service,
    workload,
)

CHART, VERSION, APP = "crossplane", "1.15.0", "v1.15.0"
_UPSTREAM = "xpkg.upbound.io/crossplane/crossplane"


def render(release: Release) -> list[Object]:
    """All objects of a release, in the order in which they have to be created."""
    name = CHART
    labels = {
        "app": name, "app.kubernetes.io/component": "cloud-infrastructure-controller",
        "app.kubernetes.io/instance": release.name, "app.kubernetes.io/managed-by": "Helm",
        "app.kubernetes.io/name": CHART, "app.kubernetes.io/part-of": CHART, "app.kubernetes.io/version": APP,
        "helm.sh/chart": f"{CHART}-{VERSION}",
    }  # fmt: skip
    used = image("", *_image(release))
    return [
        *definitions("providers.pkg.crossplane.io", "providerrevisions.pkg.crossplane.io"),
        account(release, name, labels),
        account(release, "rbac-manager", labels),
        service(release, f"{name}-webhooks", labels, _selector(release, name), [{"port": 9443, "targetPort": 9443}]),
        _deployment(release, name, name, labels, used, "core"),
        _deployment(release, f"{name}-rbac-manager", "rbac-manager", labels, used, "rbac"),
    ]


def _image(release: Release) -> tuple[str, str]:
    tag = release.value("image", "tag") or APP
    return str(release.value("image", "repository") or _UPSTREAM), str(tag)


def _selector(release: Release, name: str) -> dict[str, str]:
    return {"app": name, "release": release.name}


def _deployment(release: Release, name: str, account: str, labels: dict[str, str], used: str, role: str) -> Object:
    init = {"name": "crossplane-init", "image": used, "args": [role, "init"]}
    main: Object = {"name": CHART, "image": used, "args": [role, "start"]}
    labels = {**labels, "app": name, "release": release.name}
    return workload(
        release, "Deployment", name, labels, _selector(release, name), [main],
        account=account, replicas=int(release.value("replicas", default=1)), init=[init],
    )  # fmt: skip
