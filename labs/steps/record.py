"""What a lab is to be, written down before anything of it is made."""

from __future__ import annotations

from collections.abc import Mapping

from labs import state as times
from labs.cluster.kind import free_port, is_free
from labs.docker import Engine
from labs.errors import DockerFault
from labs.overrides import Overrides
from labs.state import State

_CLUSTER_KEYS = ("nodeImage", "kindPatches")


def overrides(state: State, wanted: Overrides) -> list[str]:
    """Records the overrides; what of the lab depends on changed ones is done anew. Returns lines to tell."""
    before, after = state.get("overrides") or {}, wanted.as_json()
    told = []
    if state.step("cluster") and any(before.get(key) != after[key] for key in _CLUSTER_KEYS):
        told.append(
            "The node image and kind patches of a cluster cannot change: labs down, then labs up, applies them."
        )
    if state.step("charts") and before.get("charts") != after["charts"]:
        told.append("Other charts or values than before: they are applied.")
        for step in ("choice", "charts"):
            state.step_undone(step)
    state.update(overrides=after)
    return told


def backend(state: State, name: str) -> None:
    """Records what the lab's cluster is: it stays so for the life of the lab."""
    state.update(name=state.path.parent.name, backend=name, created=state.get("created") or times.now())


def ports(state: State, engine: Engine, node: str, wanted: Mapping[str, int]) -> None:
    """Records a loopback port for each of `wanted` (name → port of the node).

    Those of a node that exists are its own; otherwise the recorded ones where still free, else new ones.
    """
    there = _published(engine, node)
    recorded: dict[str, int] = state.get("ports") or {}
    chosen = {name: there[port] if port in there else _free(recorded.get(name)) for name, port in wanted.items()}
    if chosen != recorded:
        state.update(ports=chosen)


def _published(engine: Engine, node: str) -> Mapping[int, int]:
    try:
        found = engine.container(node)
    except DockerFault:
        return {}  # the first step says so
    return found.ports if found else {}


def _free(port: int | None) -> int:
    return port if port and is_free(port) else free_port()
