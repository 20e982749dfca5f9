"""The surroundings broken on purpose: what cannot be told counts neither for nor against a learner."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from grader import course
from tests.journeys.learner import MODULE, Learner

pytestmark = pytest.mark.e2e

REFERENCE = course.read().module(MODULE).solutions[0]
ANY_SUBJECT = next(path for path in course.read().module(MODULE).mutants if path.name == "37-any-subject")
BEHAVIOUR = ("policy.scope", "policy.images", "policy.enforced", "policy.identity")
TRUSTS = "labs trust kyverno"
VALUES = "helm -n kyverno get values kyverno -o yaml"
OWN = {"team": "platform"}
Break = Callable[[Learner], Any]


@contextmanager
def without_registry(learner: Learner) -> Iterator[None]:
    """No Pod answers as cgr.dev."""
    learner.shell("kubectl -n platform-labs scale deployment registry --replicas=0")
    learner.shell("kubectl -n platform-labs wait --for=delete pod --selector app.kubernetes.io/name=registry")
    try:
        yield
    finally:
        learner.shell("kubectl -n platform-labs scale deployment registry --replicas=1")
        learner.shell("kubectl -n platform-labs rollout status deployment registry --timeout=120s")


@contextmanager
def without_name(learner: Learner) -> Iterator[None]:
    """The cluster's DNS does not know cgr.dev. The registry starts anew, for open connections need no name."""
    written = _written(learner)
    _names(learner, {"Corefile": written["Corefile"].replace(" cgr.dev", " elsewhere.invalid")})
    try:
        yield
    finally:
        if "elsewhere.invalid" in _written(learner)["Corefile"]:  # not mended
            _names(learner, written)


def _written(learner: Learner) -> dict[str, str]:
    found: dict[str, str] = json.loads(learner.shell("kubectl -n kube-system get configmap coredns -o json").stdout)[
        "data"
    ]
    return found


def _names(learner: Learner, data: dict[str, str]) -> None:
    patch = json.dumps({"data": data}).replace("'", "'\\''")
    learner.shell(f"kubectl -n kube-system patch configmap coredns --type merge -p '{patch}'")
    for namespace, name in (("kube-system", "coredns"), ("platform-labs", "registry")):
        learner.shell(f"kubectl -n {namespace} rollout restart deployment {name}")
        learner.shell(f"kubectl -n {namespace} rollout status deployment {name} --timeout=120s")


@contextmanager
def without_trust(learner: Learner) -> Iterator[None]:
    """A Kyverno that was installed without the lab's values, and with one of the learner's own."""
    own = learner.home / "own.yaml"
    values = yaml.safe_load(learner.shell(VALUES).stdout)
    kept = {key: value for key, value in values.items() if key not in ("global", "admissionController")}
    kept["features"] = {key: value for key, value in kept.get("features", {}).items() if key != "tuf"}
    kept["reportsController"] = {"podLabels": OWN}
    own.write_text(yaml.safe_dump(kept))
    try:
        _upgrade(learner, own)
        yield
    finally:
        if "admissionController" not in yaml.safe_load(learner.shell(VALUES).stdout):  # not mended
            own.write_text(yaml.safe_dump(values))
            _upgrade(learner, own)
        own.unlink()


def _upgrade(learner: Learner, values: Path) -> None:
    """Returns once the Pods from before are gone: as long as one goes on, it may answer."""
    chart = "--version 3.9.1 --reset-values --wait --timeout 5m"
    learner.shell(f"helm upgrade kyverno kyverno/kyverno -n kyverno {chart} -f {values}")
    learner.shell(
        "for i in $(seq 90); do kubectl -n kyverno get pods -o jsonpath='{.items[*].metadata.deletionTimestamp}' "
        "| grep -q . || exit 0; sleep 1; done; exit 1"
    )


@contextmanager
def without_network(learner: Learner) -> Iterator[None]:
    """The node, and every Pod with it, has no way to the outside; the host still reaches the API."""
    node = f"docker exec platform-labs-{learner.name}-control-plane ip route"
    gateway = learner.shell(f"{node} show default").stdout.strip()
    assert gateway.startswith("default via ")
    services = "10.96.0.0/12 dev eth0"  # their addresses are rewritten after a way to them is found
    learner.shell(f"{node} add {services}")
    learner.shell(f"{node} del default")
    try:
        yield
    finally:
        learner.shell(f"{node} add {gateway}")
        learner.shell(f"{node} del {services}")


def grading(learner: Learner) -> tuple[int, dict[str, Any]]:
    """One grading as a learner asks for it: its exit code, and its report."""
    given = f"--remote {learner.facts['remote']} --kubeconfig {learner.facts['kubeconfig']}"
    done = learner.shell(f"grader grade {MODULE} --repo {learner.clone} {given} --format json", check=False)
    report: dict[str, Any] = json.loads(done.stdout)
    return done.returncode, report


@pytest.fixture
def handed_in(on_kind: Learner) -> Callable[[Path], Learner]:
    """Brings a solution into force."""

    def hand_in(folder: Path) -> Learner:
        if on_kind.shell("kubectl get namespace kyverno", check=False).returncode:
            on_kind.take_step(0)
        on_kind.lay(folder)
        on_kind.commit(f"Try {folder.name}")
        on_kind.push()
        on_kind.grade()
        return on_kind

    return hand_in


@pytest.mark.parametrize("broken", [without_registry, without_name], ids=["registry", "dns"])
def test_nothing_is_granted_and_nobody_blamed(handed_in: Callable[[Path], Learner], broken: Break) -> None:
    """A refusal for want of an answer is no refusal: neither a wrong policy nor a right one is judged by it."""
    learner = handed_in(ANY_SUBJECT)
    assert _statuses(grading(learner)[1])["policy.identity"] == "failed"
    with broken(learner):
        _told_apart(learner, "Kyverno cannot reach the registry of the samples", "labs up")
        _replaced(learner, REFERENCE)
        _told_apart(learner, "Kyverno cannot reach the registry of the samples", "labs up")
        learner.labs("up", learner.name)
        assert {check for check in BEHAVIOUR if _statuses(grading(learner)[1])[check] == "passed"} == set(BEHAVIOUR)


def _replaced(learner: Learner, folder: Path) -> None:
    """Pushes another solution, and waits until Argo CD has applied it."""
    learner.lay(folder)
    learner.commit(f"Try {folder.name}")
    learner.push()
    learner.shell(
        "for i in $(seq 60); do "
        "kubectl -n argocd annotate --overwrite application platform argocd.argoproj.io/refresh=normal >/dev/null; "
        "kubectl -n argocd get application platform -o jsonpath="
        "'{.status.sync.status} {.status.operationState.phase} {.status.operationState.syncResult.revision}' "
        '| grep -q "^Synced Succeeded $(git rev-parse HEAD)" && exit 0; sleep 0.5; done; exit 1'
    )


def test_a_kyverno_without_the_labs_trust_is_mended_by_one_command(handed_in: Callable[[Path], Learner]) -> None:
    """The command is named, and keeps the values that the learner chose."""
    learner = handed_in(REFERENCE)
    with without_trust(learner):
        _told_apart(learner, "Kyverno does not trust the lab's authorities", TRUSTS)
        learner.labs(*TRUSTS.split()[1:], learner.name)
        kept = yaml.safe_load(learner.shell(VALUES).stdout)
        assert kept["reportsController"]["podLabels"] == OWN
        passed = {check for check, status in _statuses(grading(learner)[1]).items() if status == "passed"}
        assert passed >= set(BEHAVIOUR)


def test_without_a_network_everything_is_the_same(handed_in: Callable[[Path], Learner]) -> None:
    learner = handed_in(REFERENCE)
    before = grading(learner)[1]
    with without_network(learner):
        assert learner.shell(_outside(learner), check=False).returncode, "the network is not cut"
        after = grading(learner)[1]
    assert _statuses(after) == _statuses(before)
    assert after["score"] == before["score"]
    assert {check for check in BEHAVIOUR if _statuses(after)[check] == "passed"} == set(BEHAVIOUR)


def _outside(learner: Learner) -> str:
    """A look from the node at an address of the outside."""
    return f"docker exec platform-labs-{learner.name}-control-plane curl -s -m 5 -o /dev/null http://198.51.100.1"


def _told_apart(learner: Learner, said: str, following: str) -> None:
    """No check of what the policy does passed or failed, and the first says what is wrong and what mends it."""
    code, report = grading(learner)
    found = _statuses(report)
    assert code == 3
    assert report["conclusive"] is False
    assert {check: found[check] for check in BEHAVIOUR} == dict.fromkeys(BEHAVIOUR, "error")
    assert found["enforcement.live"] == "error"
    first = next(one for one in report["outcomes"] if one["check"] == BEHAVIOUR[0])
    assert said in first["seen"]
    assert first["next"].startswith(following)
    assert "failed" not in {found[check] for check in (*BEHAVIOUR, "enforcement.live", "policy.active")}


def _statuses(report: dict[str, Any]) -> dict[str, str]:
    return {outcome["check"]: outcome["status"] for outcome in report["outcomes"]}
