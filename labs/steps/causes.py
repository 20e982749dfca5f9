"""Known signatures of failure, and what they mean to a person."""

from __future__ import annotations

import re
from dataclasses import dataclass

from labs.errors import CommandFailed, Interrupted, LabsError, StepFailed


@dataclass(frozen=True, slots=True)
class Cause:
    """A known failure: `identifier` is stable, `signature` is found in a program's output."""

    identifier: str
    signature: re.Pattern[str]
    cause: str
    fix: str


def _cause(identifier: str, signature: str, cause: str, fix: str) -> Cause:
    return Cause(identifier, re.compile(signature, re.I), cause, fix)


# kind: kind.sigs.k8s.io/docs/user/known-issues; order matters, the narrower first
CAUSES = (
    _cause(
        "HOST_INOTIFY",
        r"multi-user system|too many open files|inotify",
        "the host's inotify limits are used up, so a part of the node cannot start",
        "Raise them: sudo sysctl fs.inotify.max_user_instances=512 fs.inotify.max_user_watches=524288",
    ),
    _cause(
        "RSRC_DISK",
        r"no space left on device|disk.?pressure|evicted",
        "the disk is full",
        "Free some space (docker system prune shows what could go) and run the command again.",
    ),
    _cause(
        "RSRC_MEMORY",
        r"oomkilled|cannot allocate memory|insufficient memory|out of memory",
        "there is not enough memory",
        "Give Docker at least 4 GiB, or stop other containers.",
    ),
    _cause(
        "HOST_PORT",
        r"port is already allocated|address already in use",
        "a port that the lab chose was taken by another program",
        "Run the command again: it chooses another port.",
    ),
    _cause(
        "DRV_DOCKER",
        r"cannot connect to the docker daemon|is the docker daemon running",
        "the Docker Engine does not answer",
        "Start Docker, then run the command again.",
    ),
    _cause(
        "DRV_PERMISSION",
        r"permission denied.*docker|docker.*permission denied",
        "your user may not use Docker",
        "Add it to the group “docker” and log in again.",
    ),
    _cause(
        "HOST_CGROUP",
        r"cgroup v1 support is|failCgroupV1|cgroups: cannot find cgroup",
        "Kubernetes no longer starts on this host's cgroup v1",
        "Use a host with cgroup v2, or an overrides file with a kubelet patch `failCgroupV1: false`.",
    ),
    _cause(
        "GUEST_NODE",
        r"failed to init node with kubeadm|kubeadm init",
        "Kubernetes did not start on the node",
        "The node's own logs are in node-logs beside the log. labs doctor looks at the host.",
    ),
    _cause(
        "INET_LIMIT",
        r"toomanyrequests|rate limit|429 too many",
        "a registry limits how often images may be pulled",
        "Wait, or log in with docker login, and run the command again.",
    ),
    _cause(
        "INET_TLS",
        r"x509:|certificate (signed by unknown|has expired|is not yet valid)",
        "a TLS certificate was not accepted: a proxy in between, or a wrong clock",
        "Check the host's clock, and whether a proxy's certificate is known to Docker.",
    ),
    _cause(
        "INET_DOWN",
        r"no such host|temporary failure in name resolution|network is unreachable|i/o timeout|connection timed out"
        r"|looks like .* is not a valid chart repository",
        "a public server cannot be reached",
        "Check the network; behind a proxy, set it for Docker too.",
    ),
    _cause(
        "GUEST_IMAGE",
        r"errimagepull|imagepullbackoff|errimageneverpull",
        "an image could not be pulled into the cluster",
        "The log names it. Check the network, then run the command again.",
    ),
    _cause(
        "GUEST_CRASH",
        r"crashloopbackoff|back-off restarting",
        "a part of the platform starts and ends again",
        "The log shows which; kubectl logs in labs shell shows why.",
    ),
)


def explained(step: str, error: LabsError) -> LabsError:
    """The step's failure with cause and fix, from its output where the signature is known."""
    if isinstance(error, StepFailed | Interrupted):
        return error
    if not isinstance(error, CommandFailed):
        return StepFailed(step, error.message if error.where is None else str(error), error.advice or "")
    known = match(f"{error.output}\n{error.message}")
    if known is None:
        return StepFailed(step, error.message, "labs doctor looks at the whole machine.", error.log)
    return StepFailed(step, f"{known.cause} ({known.identifier})", known.fix, error.log)


def match(output: str) -> Cause | None:
    """The first known cause whose signature is in the output."""
    return next((cause for cause in CAUSES if cause.signature.search(output)), None)
