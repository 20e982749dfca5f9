"""`kubectl` against one lab's cluster, by its own kubeconfig."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labs.command import Runner
from labs.errors import CommandFailed

Object = Mapping[str, Any]
_HICCUP = re.compile(
    r"etcdserver: (request timed out|leader changed)|TLS handshake timeout|http2: client connection lost|unexpected EOF"
)
"""What a busy API server says and takes back a moment later (k8s.io/apiserver pkg/storage/etcd3, Go's net/http)."""
_TRIES = 3
_BROKEN = re.compile(r"CrashLoopBackOff|Error\b")


@dataclass(frozen=True)
class Kubectl:
    """Runs kubectl. `log` names the log file, usually the step."""

    runner: Runner
    kubeconfig: Path
    log: str = "kubectl"

    def run(self, *arguments: str, given: str | None = None, timeout: float = 60, quiet: bool = False) -> str:
        """Standard output of kubectl. What only a busy API server says is asked again. Raises CommandFailed."""
        for _ in range(_TRIES - 1):
            try:
                return self._once(arguments, given, timeout, quiet)
            except CommandFailed as failed:
                if not _HICCUP.search(failed.output):
                    raise
            self.runner.pause(1)
        return self._once(arguments, given, timeout, quiet)

    def _once(self, arguments: tuple[str, ...], given: str | None, timeout: float, quiet: bool) -> str:
        command = ["kubectl", "--kubeconfig", str(self.kubeconfig), *arguments]
        return self.runner.run(command, log=self.log, given=given, timeout=timeout, quiet=quiet).stdout

    def apply(self, objects: Iterable[Object], *, server_side: bool = False) -> None:
        """Applies objects."""
        bundle = json.dumps({"apiVersion": "v1", "kind": "List", "items": [dict(one) for one in objects]})
        how = ("--server-side", "--force-conflicts") if server_side else ()
        self.run("apply", *how, "-f", "-", given=bundle)

    def get(self, kind: str, name: str = "", namespace: str = "") -> Any:
        """An object or a list of them as JSON; None where it is not there."""
        where = ("-n", namespace) if namespace else ()
        try:
            out = self.run("get", kind, *((name,) if name else ()), *where, "-o", "json", "--ignore-not-found")
        except CommandFailed as failed:
            if "doesn't have a resource type" in failed.output:
                return None
            raise
        return json.loads(out) if out.strip() else None

    def rolled_out(self, namespace: str, *workloads: str, seconds: int = 240) -> None:
        """Waits until the workloads (`deployment/name`) run as declared.

        Raises CommandFailed; what the namespace looked like is then in the log.
        """
        try:
            for workload in workloads:
                self.run(
                    *("rollout", "status", workload, "-n", namespace, f"--timeout={seconds}s"), timeout=seconds + 15
                )
        except CommandFailed as failed:
            shown = self._picture(namespace) + failed.output
            raise CommandFailed(failed.program, failed.code, shown, failed.log) from None

    def _picture(self, namespace: str) -> str:
        """Pods and warnings of a namespace and what broken Pods said last, for the log and for naming the cause."""
        try:
            events = self.run("get", "events", "-n", namespace, "--field-selector=type=Warning", "-o", "wide")
            pods = self.run("get", "pods", "-n", namespace, "-o", "wide")
            names = [line.split()[0] for line in pods.splitlines()[1:] if _BROKEN.search(line)]
            said = [self._last_words(namespace, name) for name in names[:3]]
            return "\n".join([pods, events[-4000:], *said, ""])
        except CommandFailed:
            return ""

    def _last_words(self, namespace: str, pod: str) -> str:
        try:
            return self.run("logs", pod, "-n", namespace, "--all-containers", "--tail=5", timeout=20)
        except CommandFailed:
            return ""
