"""Puts an exercise's probes to a live cluster, changing nothing.

Resource webhooks run on a server-side dry run (Kyverno registers them as `NoneOnDryRun`), so the
answer is the one that a real creation would get, and no image is pulled.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache

from grader.course import ProbeSpec
from grader.errors import EnvironmentFault
from grader.evidence.answers import Said, admission, failure
from grader.evidence.lab import LabFacts
from grader.evidence.model import Answer, ProbeAnswer
from grader.evidence.questions import Question, Unaskable, question, running_pod
from grader.kube import Kube

SECONDS = 35.0
"""A webhook may take up to 30 s (ClusterPolicy `webhookTimeoutSeconds`); then the API server answers."""

_MOMENT = 1.0
"""Seconds before what failed is asked once more."""
_GIVE_UP = 16
_GIVE_UP_ALONE = 2
NOT_ASKED = "not asked: the cluster gave no answer to the probes before this one"


def run(
    kube: Kube,
    specs: Iterable[ProbeSpec],
    lab: LabFacts,
    *,
    concurrency: int = 8,
    sleep: Callable[[float], None] = time.sleep,
) -> tuple[ProbeAnswer, ...]:
    """The answer to each probe, in order.

    What ended in a fault of network, registry or webhook is asked once more, alone, after all
    others and a moment (`sleep` waits, in seconds). No single probe raises: what cannot be told is
    `unknown` with the reason.
    """
    hosts = cache(lambda namespace: running_pod(kube, namespace))
    asked = [(spec, _question(spec, lab, hosts)) for spec in specs]
    first = _Round(kube, _GIVE_UP)
    with ThreadPoolExecutor(concurrency) as pool:
        answers = list(pool.map(lambda pair: first.ask(*pair), asked))
    second = _Round(kube, _GIVE_UP_ALONE)
    if any(again for _, again in answers):
        sleep(_MOMENT)
    found = []
    for (spec, put), (answer, again) in zip(asked, answers, strict=True):
        if again and not second.given_up:
            later, _ = second.ask(spec, put)
            attempts = answer.attempts + later.attempts
            answer = replace(later, attempts=attempts, milliseconds=answer.milliseconds + later.milliseconds)
        found.append(answer)
    return tuple(found)


def ask(kube: Kube, put: Question, seconds: float = SECONDS) -> Said:
    """One question, put once; never raises."""
    try:
        return admission(put.put(kube, seconds), put.repository)
    except EnvironmentFault as fault:
        return failure(fault)


class _Round:
    """One pass over probes; gives up after a run of faults with no answer between them."""

    def __init__(self, kube: Kube, patience: int) -> None:
        self._kube = kube
        self._patience = patience
        self._faults = 0
        self._lock = threading.Lock()

    @property
    def given_up(self) -> bool:
        return self._faults >= self._patience

    def ask(self, spec: ProbeSpec, put: Question | str) -> tuple[ProbeAnswer, bool]:
        """The answer, and whether it is worth asking again."""
        if isinstance(put, str):
            return _unknown(spec, put), False
        if self.given_up:
            return replace(_unknown(spec, NOT_ASKED), image=put.image, question=put.body), True
        start = time.perf_counter()
        said = ask(self._kube, put)
        milliseconds = round((time.perf_counter() - start) * 1000)
        with self._lock:
            self._faults = self._faults + 1 if said.again else 0
        answer = ProbeAnswer(
            probe=spec.id,
            answer=said.answer,
            image=put.image,
            namespace=spec.namespace,
            message=said.message,
            denials=said.denials,
            looked=said.looked,
            images=said.images,
            question=put.body,
            milliseconds=milliseconds,
        )
        return answer, said.again


def _question(spec: ProbeSpec, lab: LabFacts, hosts: Callable[[str], str | None]) -> Question | str:
    try:
        return question(spec, lab, hosts)
    except (Unaskable, EnvironmentFault) as reason:
        return str(reason)


def _unknown(spec: ProbeSpec, message: str) -> ProbeAnswer:
    return ProbeAnswer(spec.id, Answer.UNKNOWN, "", spec.namespace, message, attempts=0)
