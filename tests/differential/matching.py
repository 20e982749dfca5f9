"""Generated `match` and `exclude` sections."""

from __future__ import annotations

from typing import Any

from tests.differential.draw import Draw
from tests.differential.world import MAKER, Slot

Block = dict[str, Any]

_SPELLINGS = ("v1/Pod", "*/Pod", "*/v1/Pod", "*/*/Pod", "/v1/Pod", "Po?", "P*d", "Pod.", "Pod/*", "Pod.*")
_SUBRESOURCES = ("Pod/ephemeralcontainers", "Pod.ephemeralcontainers", "v1/Pod.ephemeralcontainers", "Pod/status")
_WRONG = ("Pods", "pod", "v2/Pod", "apps/v1/Pod")
_CONTROLLERS = (
    ["Deployment"], ["apps/v1/Deployment"], ["*/Deployment"], ["apps/*/Deployment"], ["Deploy*"], ["*/v1/Deployment"],
    ["Deployment", "StatefulSet"], ["Deployment/scale"], ["Deployment/*"],
)  # fmt: skip
_MIXED = (
    ["Pod", "Deployment"], ["v1/Pod", "apps/v1/Deployment"], ["Pod", "Pod/ephemeralcontainers"], ["Pod", "ConfigMap"],
    ["Deployment", "DaemonSet"], ["Pod", "v1/Pod"], ["Pod", "*/Deployment", "StatefulSet"],
)  # fmt: skip


def match(draw: Draw, slot: Slot, *, old: bool) -> Block:
    """A `match` section. `old` allows the form without `any` and `all`."""
    forms = ("match.any", "match.all", "match.old") if old else ("match.any", "match.all")
    form = draw.first(*forms)
    if form == "match.old":
        return _block(draw, slot)
    blocks = [_block(draw, slot)]
    if draw.takes("match.several"):
        blocks += [_block(draw, slot) for _ in range(draw.one(1, 1, 2))]
        draw.random.shuffle(blocks)
    return {form.partition(".")[2]: blocks}


def exclude(draw: Draw, slot: Slot, *, old: bool) -> Block | None:
    """An `exclude` section, or None."""
    forms = [form for form in ("exclude.any", "exclude.all", "exclude.old") if draw.takes(form)]
    if not old:
        forms = [form for form in forms if form != "exclude.old"]
    if not forms:
        return None
    form = draw.one(*forms)
    if form == "exclude.old":
        return _narrow(draw, slot)
    return {form.partition(".")[2]: [_narrow(draw, slot) for _ in range(draw.one(1, 1, 2))]}


def _block(draw: Draw, slot: Slot) -> Block:
    resources: Block = {"kinds": _kinds(draw)}
    _where(draw, slot, resources)
    _which(draw, resources)
    if draw.takes("operations"):
        resources["operations"] = draw.one(["CREATE"], ["CREATE", "UPDATE"], ["UPDATE"], ["CREATE", "DELETE"])
    return {"resources": resources, **_who(draw, slot)}


def _kinds(draw: Draw) -> list[str]:
    if draw.takes("kinds.several"):
        return list(draw.one(*_MIXED))
    if draw.takes("kinds.controller"):
        return list(draw.one(*_CONTROLLERS))
    if draw.takes("kinds.spelling"):
        return [draw.one(*_SPELLINGS, *_SPELLINGS, *_SUBRESOURCES, draw.one(*_WRONG))]
    return ["Pod"]


def _where(draw: Draw, slot: Slot, resources: Block) -> None:
    """Namespaces by name or by label. Now and then neither, and then the whole cluster is meant."""
    if draw.takes("namespaceSelector") or "namespaceSelector.expressions" in draw.forced:
        resources["namespaceSelector"] = _namespace_selector(draw, slot)
        if not draw.takes("namespaces"):
            return
    if draw.takes("namespaces.wildcard"):
        number = slot.number
        patterns = (f"slot{number}-*", f"slot{number}-home?", f"slot{number}-?o*", f"slot{number}-home*", "slot*-home")
        resources["namespaces"] = draw.some((*patterns, f"*t{number}-away"))
    elif draw.takes("namespaces") or draw.random.random() < 0.8:
        draw.used.add("namespaces")
        resources["namespaces"] = draw.mostly(
            [slot.home], [slot.home, slot.away], [slot.longer], [slot.away], chance=0.8
        )


def _namespace_selector(draw: Draw, slot: Slot) -> Block:
    number = f"s{slot.number}"
    if draw.takes("namespaceSelector.expressions"):
        return {"matchExpressions": [
            {"key": "slot", "operator": "In", "values": [number, "none"]},
            draw.one(
                {"key": "team", "operator": "NotIn", "values": ["web"]},
                {"key": "team", "operator": "Exists"},
                {"key": "absent", "operator": "DoesNotExist"},
                {"key": "absent", "operator": "NotIn", "values": ["web"]},
                {"key": "example.com/tier", "operator": "In", "values": ["gold"]},
                {"key": "team", "operator": "DoesNotExist"},
            ),
        ]}  # fmt: skip
    more = draw.one(
        {"team": "providers"}, {"team": "prov*"}, {"t*m": "web"}, {"example.com/tier": "gold"}, {}, {"team": "?eb"},
        {"kubernetes.io/metadata.name": slot.home}, {"team": "none"}, {"example.com/*": "gold"},
    )  # fmt: skip
    return {"matchLabels": {"slot": number, **more}}


def _which(draw: Draw, resources: Block) -> None:
    """Objects by label, name or annotation."""
    if draw.takes("selector"):
        resources["selector"] = draw.one(
            {"matchLabels": {"app": "provider"}}, {"matchLabels": {"app": "prov*"}}, {"matchLabels": {"a?p": "*"}},
            {"matchLabels": {"app": "provider", "tier": "gold"}}, {}, {"matchLabels": {"app": "host"}},
        )  # fmt: skip
    elif draw.takes("selector.expressions"):
        resources["selector"] = {"matchExpressions": [draw.one(
            {"key": "app", "operator": "In", "values": ["provider", "web"]},
            {"key": "app", "operator": "NotIn", "values": ["web"]},
            {"key": "tier", "operator": "Exists"},
            {"key": "tier", "operator": "DoesNotExist"},
        )]}  # fmt: skip
    if draw.takes("name"):
        resources["name"] = draw.one("provider-aws", "provider-*", "*-aws", "worker")
    elif draw.takes("names"):
        resources["names"] = draw.one(["provider-aws", "worker"], ["provider-*"], ["w?rker", "host"], ["none"])
    if draw.takes("annotations"):
        resources["annotations"] = draw.one(
            {"example.com/owner": "platform"}, {"example.com/owner": "plat*"}, {"example.com/*": "platform"},
            {"example.com/owner": "?*", "example.com/kind": "provider"},
        )  # fmt: skip


def _who(draw: Draw, slot: Slot) -> Block:
    found: Block = {}
    if draw.takes("subjects"):
        found["subjects"] = [_subject(draw, slot) for _ in range(draw.one(1, 2))]
    if draw.takes("roles"):
        found["roles"] = draw.one([f"{slot.home}:maker"], [f"{slot.away}:maker", "kube-system:none"])
    if draw.takes("clusterRoles"):
        found["clusterRoles"] = draw.one([MAKER], ["cluster-admin"], ["system:basic-user"], ["none", MAKER])
    return found


def _subject(draw: Draw, slot: Slot) -> dict[str, str]:
    return draw.one(
        {"kind": "User", "name": "alice"}, {"kind": "User", "name": "*"}, {"kind": "User", "name": "b?b"},
        {"kind": "User", "name": "kubernetes-admin"}, {"kind": "Group", "name": "team:web"},
        {"kind": "Group", "name": "team:*"}, {"kind": "Group", "name": "system:authenticated"},
        {"kind": "ServiceAccount", "name": "builder", "namespace": slot.home},
        {"kind": "ServiceAccount", "name": "*", "namespace": slot.home},
        {"kind": "ServiceAccount", "name": "builder", "namespace": slot.away},
    )  # fmt: skip


def _narrow(draw: Draw, slot: Slot) -> Block:
    """A block that takes something out."""
    kind = draw.random.choice(("namespaces", "names", "labels", "kinds", "who", "selector", "annotations"))
    resources: Block = {}
    if kind == "namespaces":
        draw.used.add("namespaces")
        resources["namespaces"] = draw.one([slot.away], [slot.longer], [f"slot{slot.number}-a*"], [slot.home])
    elif kind == "names":
        draw.used.add("names")
        resources["names"] = draw.one(["worker"], ["provider-*"], ["host"])
    elif kind == "labels":
        draw.used.add("namespaceSelector")
        resources["namespaceSelector"] = _namespace_selector(draw, slot)
    elif kind == "selector":
        draw.used.add("selector")
        resources["selector"] = {"matchLabels": draw.one({"app": "web"}, {"app": "provider"}, {"tier": "*"})}
    elif kind == "annotations":
        draw.used.add("annotations")
        resources["annotations"] = {"example.com/owner": draw.one("platform", "web*")}
    elif kind == "who":
        draw.used.add("subjects")
        return {"subjects": [_subject(draw, slot)]}
    if kind == "kinds" or draw.random.random() < 0.5:
        resources["kinds"] = draw.one(["Pod"], ["Pod"], ["Deployment"], ["v1/Pod"])
    return {"resources": resources}
