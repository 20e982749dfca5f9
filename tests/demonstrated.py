"""A lab to demonstrate on: waiting for what follows in it, a look at it, and the trial policy of the lesson."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from grader.collect import Source
from grader.evidence.dig import dig
from grader.kube import connect, resource
from labs.learning.demonstrations.world import World
from labs.platform.images import Choice
from tests.sim_lab import MODULE, Lab

PLAYGROUND = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "playground"}}
TRIAL = {
    "apiVersion": "kyverno.io/v1",
    "kind": "ClusterPolicy",
    "metadata": {"name": "check-image-signature"},
    "spec": {
        "rules": [
            {
                "name": "signed",
                "match": {"any": [{"resources": {"kinds": ["Pod"], "namespaces": ["playground"]}}]},
                "verifyImages": [
                    {
                        "imageReferences": ["cgr.dev/chainguard/*"],
                        "failureAction": "Enforce",
                        "attestors": [
                            {
                                "entries": [
                                    {
                                        "keyless": {
                                            "subject": MODULE.exercise.parameters["subject"],
                                            "issuer": MODULE.exercise.parameters["issuer"],
                                            "rekor": {"url": "https://rekor.sigstore.dev"},
                                        }
                                    }
                                ]
                            }
                        ],
                    }
                ],
            }
        ]
    },
}


def state(found: Any, kind: str) -> str:
    return next((one["status"] for one in dig(found, "status", "conditions") or () if one["type"] == kind), "")


def ready(found: tuple[Any, ...]) -> bool:
    return bool(found) and all(state(one, "Ready") == "True" for one in found)


def wait(lab: Lab, version: str, plural: str, enough: Callable[[tuple[Any, ...]], bool]) -> None:
    """Follows a collection until there is enough in it."""
    with connect(lab.server.kubeconfig) as kube:
        path = resource(version, plural)
        found, at = kube.listed(path)
        with kube.watch(path, at) as changes:
            events = iter(changes)
            while not enough(found):
                next(events)
                found = kube.list(path)


@contextmanager
def world(lab: Lab, choices: tuple[Choice, ...] = ()) -> Iterator[World]:
    with connect(lab.server.kubeconfig) as kube:
        source = Source(lab.clone.path, remote=str(lab.remote))
        yield World(MODULE, kube, source, choices, {"kyverno": "3.9.1"})
