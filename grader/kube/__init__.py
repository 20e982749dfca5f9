"""The only way from this program to a Kubernetes API server: raw JSON, bounded and timed.

Requests go through urllib3, the transport that the `kubernetes` package itself is built on.
Answers are used as plain JSON, so its several hundred model classes would be loaded for nothing:
importing them takes ten times as long as importing urllib3. The package is loaded only for a
kubeconfig that the caller trusts to run programs or to name files (`trust=True`).
"""

from grader.kube.client import Identity, Kube, connect, resource
from grader.kube.errors import Refusal, Unreachable
from grader.kube.kubeconfig import Access

__all__ = ["Access", "Identity", "Kube", "Refusal", "Unreachable", "connect", "resource"]
