"""The event that a refusal leaves at the policy.

Source: Kyverno 1.19.1 pkg/webhooks/utils/event.go (GenerateEvents), pkg/event/events.go (NewPolicyFailEvent).
"""

from __future__ import annotations

from typing import Any

from grader.kyverno.oracle import Prediction
from labs.cluster.simulated.api.admission import Review
from labs.cluster.simulated.api.ask import controller
from labs.cluster.simulated.controllers import events
from labs.cluster.simulated.controllers.client import Client
from labs.cluster.simulated.kyverno.engine import Engine

Object = dict[str, Any]

SOURCE = "kyverno-admission"


class PolicyEvents:
    """Writes events under the admission controller's name."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.client = Client(engine.cluster, controller("kyverno-admission-controller", "kyverno"), SOURCE)

    def blocked(self, review: Review, name: str, prediction: Prediction) -> None:
        """A PolicyViolation for each rule that refused, at its policy; none about an object without a name."""
        place = f"{review.namespace}/{name}" if review.namespace else name
        policies = {_key(one): one for one in self.engine.objects()} if name else {}
        for key, rules in prediction.denials.items():
            for rule, message in rules.items():
                if key in policies:
                    text = f"{review.resource.kind} {place}: [{rule}] fail (blocked); {message}"
                    events.emit(self.client, policies[key], "Warning", "PolicyViolation", text)


def _key(policy: Object) -> str:
    metadata = policy["metadata"]
    return f"{metadata['namespace']}/{metadata['name']}" if "namespace" in metadata else str(metadata["name"])
