"""What can go wrong between this program and an API server, with what to do about it."""

from __future__ import annotations

from grader.errors import EnvironmentFault
from grader.text import clean, one_line


class Unreachable(EnvironmentFault):
    """No answer: nobody listens, no trust, a time limit, a broken or oversized answer."""


class TooMuch(Unreachable):
    """More than is read of one collection."""


class Refusal(EnvironmentFault):
    """The API server answered, and with a failure.

    `status` is the HTTP status, `reason` the machine word of a Kubernetes Status (`NotFound`,
    `Forbidden`, …) or empty, `words` the server's whole message, cleaned and bounded.
    """

    def __init__(self, status: int, reason: str, words: str, *, where: str) -> None:
        self.status = status
        self.reason = one_line(reason, 80)
        self.words = clean(words, 20_000)
        said = one_line(words, 300) or f"HTTP status {status}"
        super().__init__(f"the API server refused: {said}", where=where, advice=_advice(status))


def _advice(status: int) -> str | None:
    if status == 401:
        return (
            "These credentials are not accepted. For a lab: `labs status`, then `labs up` writes its kubeconfig anew."
        )
    if status == 403:
        return "These credentials may not do this. Use the kubeconfig of the cluster's administrator."
    if status == 429 or status >= 500:
        return "The API server is in trouble: try again, and look at `kubectl get --raw '/readyz?verbose'`."
    return None
