"""What is done to a real lab from outside it: an interruption, and the question what of it is still there."""

from __future__ import annotations

import os
import signal
import subprocess
import time

from tests.journeys.learner import Learner, environment

LIMIT = 900  # seconds that one bring-up may take
LABEL = "io.x-k8s.kind.cluster"
PREFIX = "platform-labs-"


def remove_abandoned(name: str) -> None:
    """Removes the clusters of earlier runs whose process (the name's last part) is gone."""
    stem = PREFIX + name.rpartition("-")[0]
    clusters = docker("ps", "-a", "--filter", f"label={LABEL}", "--format", f'{{{{.Label "{LABEL}"}}}}')
    for cluster in clusters:
        before, _, process = cluster.rpartition("-")
        if before == stem and process.isdecimal() and not _lives(int(process)):
            subprocess.run(["kind", "delete", "cluster", "--name", cluster], check=True, capture_output=True)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def interrupted_up(learner: Learner) -> None:
    """Starts `labs up`, and presses Ctrl-C once the cluster's container is there."""
    log = learner.home / "interrupted.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["labs", "up", learner.name, "--cluster", "kind"],
            stdout=output,
            stderr=output,
            env=environment(learner.home),
            start_new_session=True,
        )
        deadline = time.monotonic() + LIMIT
        while process.poll() is None and not containers(learner.name) and time.monotonic() < deadline:
            _pause(process)
        assert process.poll() is None, f"labs up ended before it could be interrupted:\n{log.read_text()[-3000:]}"
        os.killpg(process.pid, signal.SIGINT)
        status = process.wait(timeout=120)
    text = log.read_text()
    log.unlink()
    assert status == 130, f"Ctrl-C in labs up ended with {status}:\n{text[-3000:]}"
    assert "Traceback" not in text, text[-3000:]


def _pause(process: subprocess.Popen[bytes]) -> None:
    """Waits a moment for the process, so that polling does not spin."""
    try:
        process.wait(timeout=0.3)
    except subprocess.TimeoutExpired:
        return


def docker(*arguments: str) -> list[str]:
    """The words that a docker command prints, sorted."""
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=True)
    return sorted(done.stdout.split())


def containers(name: str) -> list[str]:
    """The containers of a lab's cluster."""
    return docker("ps", "-aq", "--filter", f"label={LABEL}={PREFIX}{name}")


def volumes(name: str) -> list[str]:
    """The volumes of the lab's containers."""
    found = docker("inspect", "--format", "{{range .Mounts}}{{.Name}} {{end}}", *containers(name))
    return [one for one in found if one]


def networks() -> list[str]:
    """All networks but kind's own, which its clusters share and which stays."""
    return [name for name in docker("network", "ls", "--format", "{{.Name}}") if name != "kind"]
