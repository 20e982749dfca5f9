from pathlib import Path
from typing import cast

import pytest

from labs.docker import Container, Engine
from labs.errors import DockerFault
from labs.overrides import ChartOverride, Overrides
from labs.state import State
from labs.steps import record

NODE = "platform-labs-mine-control-plane"


class FakeEngine:
    """An engine with at most one container."""

    def __init__(self, ports: dict[int, int] | None = None, fault: bool = False) -> None:
        self.ports, self.fault = ports, fault

    def container(self, name: str) -> Container | None:
        if self.fault:
            raise DockerFault("does not answer")
        return None if self.ports is None else Container(name, True, "image", {}, {}, self.ports)


@pytest.fixture
def state(tmp_path: Path) -> State:
    (tmp_path / "mine").mkdir()
    return State.load(tmp_path / "mine" / "state.json")


def ports(state: State, engine: FakeEngine) -> dict[str, int]:
    record.ports(state, cast(Engine, engine), NODE, {"registry": 30443, "argocd": 30080})
    found: dict[str, int] = state.get("ports")
    return found


def test_what_the_lab_is_called_and_when_it_began(state: State) -> None:
    record.backend(state, "kind")
    assert (state.get("name"), state.get("backend")) == ("mine", "kind")
    begun = state.get("created")
    record.overrides(state, Overrides())
    assert state.get("created") == begun


def test_changed_charts_are_applied(state: State) -> None:
    record.overrides(state, Overrides())
    for step in ("choice", "charts", "cluster"):
        state.step_done(step, 1.0, "")
    (line,) = record.overrides(state, Overrides(charts={"argocd": ChartOverride(values={"dex": {}})}))
    assert "applied" in line
    assert state.step("charts") is None
    assert state.step("choice") is None
    assert state.step("cluster") is not None


def test_what_a_cluster_cannot_change_is_told(state: State) -> None:
    record.overrides(state, Overrides())
    state.step_done("cluster", 1.0, "")
    (line,) = record.overrides(state, Overrides(node_image="kindest/node:v1.34.0"))
    assert "labs down" in line


def test_the_same_overrides_change_nothing(state: State) -> None:
    found = Overrides(kind_patches=("a",), charts={"argocd": ChartOverride(values={"dex": {}})})
    record.overrides(state, found)
    for step in ("choice", "charts", "cluster"):
        state.step_done(step, 1.0, "")
    assert record.overrides(state, found) == []
    assert state.step("charts") is not None


def test_ports_are_chosen_apart_and_stay(state: State) -> None:
    chosen = ports(state, FakeEngine())
    assert len(set(chosen.values())) == 2
    assert ports(state, FakeEngine()) == chosen


def test_a_nodes_own_ports_count(state: State) -> None:
    state.update(ports={"registry": 1, "argocd": 2})
    assert ports(state, FakeEngine({30443: 40443, 30080: 40080})) == {"registry": 40443, "argocd": 40080}


def test_a_port_that_was_taken_meanwhile_is_chosen_anew(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    state.update(ports={"registry": 40443, "argocd": 40080})
    monkeypatch.setattr(record, "is_free", lambda port: port != 40443)
    monkeypatch.setattr(record, "free_port", lambda: 50000)
    assert ports(state, FakeEngine()) == {"registry": 50000, "argocd": 40080}


def test_an_engine_that_does_not_answer_is_the_first_steps_to_tell(state: State) -> None:
    assert set(ports(state, FakeEngine(fault=True))) == {"registry", "argocd"}
