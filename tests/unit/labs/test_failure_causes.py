from pathlib import Path

import pytest

from labs.errors import CommandFailed, DockerFault, Interrupted, StepFailed
from labs.steps.causes import CAUSES, explained, match

OUTPUTS = {
    "HOST_INOTIFY": 'could not find a log line that matches "Reached target .*Multi-User System.*|detected cgroup v1"',
    "RSRC_DISK": "write /var/lib/docker/tmp/x: no space left on device",
    "RSRC_MEMORY": "0/1 nodes are available: 1 Insufficient memory.",
    "HOST_PORT": "Bind for 127.0.0.1:40000 failed: port is already allocated.",
    "DRV_DOCKER": "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
    "DRV_PERMISSION": "permission denied while trying to connect to the Docker daemon socket",
    "HOST_CGROUP": "kubelet is configured to not run on a host using cgroup v1. cgroup v1 support is unsupported",
    "INET_LIMIT": "toomanyrequests: You have reached your pull rate limit.",
    "INET_TLS": "tls: failed to verify certificate: x509: certificate signed by unknown authority",
    "INET_DOWN": "dial tcp: lookup kyverno.github.io on 127.0.0.53:53: no such host",
    "GUEST_IMAGE": "argocd-server-1 0/1 ImagePullBackOff 0 2m",
    "GUEST_NODE": "ERROR: failed to create cluster: failed to init node with kubeadm: command failed",
    "GUEST_CRASH": "crossplane-1 0/1 CrashLoopBackOff 4 2m",
}


@pytest.mark.parametrize(("identifier", "output"), OUTPUTS.items())
def test_known_outputs_have_their_cause(identifier: str, output: str) -> None:
    found = match(output)
    assert found is not None
    assert found.identifier == identifier


def test_too_many_open_files_in_a_pod_is_the_hosts_limit() -> None:
    found = match('"command failed" err="failed complete: too many open files"')
    assert found is not None
    assert found.identifier == "HOST_INOTIFY"


def test_every_cause_has_an_example_here() -> None:
    assert {cause.identifier for cause in CAUSES} == set(OUTPUTS)


def test_a_node_that_did_not_start_is_no_fault_of_the_network() -> None:
    """kubeadm's long output often holds a warning about the network; the node's images are all there."""
    output = "ERROR: failed to init node with kubeadm\nW0101 dial tcp: lookup dl.k8s.io: no such host\n"
    found = match(output)
    assert found is not None
    assert found.identifier == "GUEST_NODE"


def test_an_unknown_output_has_none() -> None:
    assert match("error: something else") is None


def test_a_failed_program_is_told_with_cause_fix_and_log(tmp_path: Path) -> None:
    failed = CommandFailed("kind create cluster", 1, OUTPUTS["HOST_INOTIFY"], tmp_path / "cluster.log")
    told = explained("cluster", failed)
    assert isinstance(told, StepFailed)
    assert "inotify" in told.cause
    text = told.diagnostics()
    assert text.startswith("step cluster: ")
    assert "sysctl" in text
    assert str(tmp_path / "cluster.log") in text
    assert text.endswith("The same command goes on from this step.")


def test_an_unknown_failure_keeps_its_own_words(tmp_path: Path) -> None:
    told = explained("argocd", CommandFailed("helm upgrade", 1, "strange", tmp_path / "argocd.log"))
    assert isinstance(told, StepFailed)
    assert told.cause == "helm upgrade ended with code 1: strange"
    assert told.log == tmp_path / "argocd.log"


def test_a_fault_that_explains_itself_is_taken_over() -> None:
    told = explained("host", DockerFault("the Docker Engine does not answer", advice="Start Docker."))
    assert isinstance(told, StepFailed)
    assert (told.cause, told.fix) == ("the Docker Engine does not answer", "Start Docker.")


def test_an_interruption_stays_one() -> None:
    stopped = Interrupted()
    assert explained("cluster", stopped) is stopped
