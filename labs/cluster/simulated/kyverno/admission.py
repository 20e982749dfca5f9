"""Kyverno's webhooks: policies judged, and every other request put to the live policies."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import yaml

from grader.kyverno import oracle, strangers, wildcard
from grader.kyverno.admission import noted
from grader.kyverno.oracle import Answer, Prediction
from grader.kyverno.review import PolicyReview
from grader.kyverno.trust import Known
from labs.cluster.simulated.api.admission import Review
from labs.cluster.simulated.api.errors import ApiError, denied
from labs.cluster.simulated.api.selectors import matches
from labs.cluster.simulated.images import Images
from labs.cluster.simulated.kyverno import asked, image_policies
from labs.cluster.simulated.kyverno.deprecations import deprecated
from labs.cluster.simulated.kyverno.engine import POLICIES, Engine
from labs.cluster.simulated.kyverno.engine import review as judged
from labs.cluster.simulated.kyverno.policy_events import PolicyEvents
from labs.cluster.simulated.kyverno.webhooks import POLICY_VALIDATING, RESOURCE_MUTATING, RESOURCE_VALIDATING

Object = dict[str, Any]

_MUTATING = ("admissionregistration.k8s.io", "mutatingwebhookconfigurations")
_VALIDATING = ("admissionregistration.k8s.io", "validatingwebhookconfigurations")
SIMULATED = "simulated: what Kyverno would answer is not known"
_INSTEAD = "Write it as a ClusterPolicy, and take this one away: a simulated lab answers for ClusterPolicy and Policy"
_FILTER = re.compile(r"\[([^\[\],]*),([^\[\],]*),([^\[\],]*)\]")


class KyvernoAdmission:
    """An admission plugin. Requests reach it as the webhook configurations in the cluster say."""

    def __init__(self, engine: Engine, images: Images) -> None:
        self.engine = engine
        self.images = images
        self.events = PolicyEvents(engine)

    def mutate(self, review: Review) -> None:
        """Asks the policies; digests and annotations go into the object. Raises ApiError where it is denied."""
        if review.operation == "DELETE" or review.resource.key in POLICIES:
            return
        hook, unknown = self._hook(review), self._unknown(review)
        if (hook is None and unknown is None) or self._filtered(review):
            return
        if not self.engine.answers():
            if hook is not None:
                self._unanswered(hook)
            return
        if hook is not None:
            self._ask(review, hook)
        if unknown is not None:
            name = unknown["metadata"]["name"]
            why = f"the ImageValidatingPolicy {name} looks at it, a kind that is not modelled. {_INSTEAD}"
            raise failing(image_policies.WEBHOOK, f"{SIMULATED}: {why}")

    def _ask(self, review: Review, hook: Object) -> None:
        """Puts the request to the live policies. Raises ApiError where it is denied, or the answer is not known."""
        request = asked.request(review, self._labels(review), self.images, self.engine.trusts_lab())
        live = self.engine.live()
        known = _known(self.images.settings.get().known, live)
        prediction = oracle.answer(live, request, known)
        if prediction.answer is Answer.DENIED:
            self.events.blocked(review, _asked_name(review), prediction)
            raise denied(prediction.webhook, blocked(review, prediction))
        if prediction.answer is Answer.CANNOT_TELL:
            raise failing(hook["name"], f"{SIMULATED}: {prediction.reason}")
        review.object = asked.answered(review, prediction.images, noted(prediction.looked))

    def validate(self, review: Review) -> None:
        """Judges a policy that is written. Raises ApiError with Kyverno's reason."""
        if review.operation == "DELETE" or review.subresource or review.resource.key not in POLICIES:
            return
        found = self.engine.cluster.kind(*_VALIDATING)
        configuration = self.engine.cluster.find(found, "", POLICY_VALIDATING) if found else None
        if not configuration or not configuration.get("webhooks"):
            return
        if not self.engine.answers():
            self._unanswered(configuration["webhooks"][0])
            return
        verdict = judged(review.object or {})
        review.ask.warnings.extend(deprecated(review.object or {}))
        if verdict.warning:
            review.ask.warnings.append(verdict.warning.reason)
        if not verdict.accepted:
            raise denied("validate-policy.kyverno.svc", verdict.reason)

    def _hook(self, review: Review) -> Object | None:
        """The first webhook that is asked about the request, or None."""
        labels = self._labels(review)
        for kind, name in ((_MUTATING, RESOURCE_MUTATING), (_VALIDATING, RESOURCE_VALIDATING)):
            resource = self.engine.cluster.kind(*kind)
            found = self.engine.cluster.find(resource, "", name) if resource else None
            for hook in (found or {}).get("webhooks") or ():
                inside = not review.resource.namespaced or matches(hook.get("namespaceSelector"), labels)
                if inside and any(_concerns(rule, review) for rule in hook.get("rules") or ()):
                    return dict(hook)
        return None

    def _unknown(self, review: Review) -> Object | None:
        """A policy that looks at the request and that the oracle knows nothing about, or None."""
        strangers = self.engine.strangers()
        labels = self._labels(review) if strangers else {}
        if review.resource.namespaced and not matches(self.engine.namespace_selector(), labels):
            return None
        return next((one for one in strangers if image_policies.looks(one, review, labels)), None)

    def _labels(self, review: Review) -> dict[str, str]:
        resource = self.engine.cluster.kind("", "namespaces")
        found = self.engine.cluster.find(resource, "", review.namespace) if resource and review.namespace else None
        return dict((found or {}).get("metadata", {}).get("labels") or {})

    def _filtered(self, review: Review) -> bool:
        """`resourceFilters` of Kyverno's ConfigMap: `[Kind,namespace,name]` with wildcards."""
        kind = f"{review.resource.kind}/{review.subresource}" if review.subresource else review.resource.kind
        for wanted, namespace, name in _FILTER.findall(self.engine.configuration().get("resourceFilters", "")):
            if (
                (wanted in ("*", "*/*") or wildcard.match(wanted, kind))
                and wildcard.match(namespace or "*", review.namespace)
                and wildcard.match(name or "*", review.name)
            ):
                return True
        return False

    def _unanswered(self, hook: Object) -> None:
        """Nobody listens behind the webhook: refused where it fails closed."""
        if hook.get("failurePolicy") == "Ignore":
            return
        service = hook["clientConfig"]["service"]
        place = (
            f"https://{service['name']}.{service['namespace']}.svc:{service.get('port', 443)}{service.get('path', '/')}"
        )
        found = self.engine.cluster.kind("", "services")
        there = self.engine.cluster.find(found, service["namespace"], service["name"]) if found else None
        why = (
            f'no endpoints available for service "{service["name"]}"'
            if there
            else f'service "{service["name"]}" not found'
        )
        seconds = hook.get("timeoutSeconds", 10)
        raise failing(hook["name"], f'failed to call webhook: Post "{place}?timeout={seconds}s": {why}')


def failing(webhook: str, why: str) -> ApiError:
    """500: a webhook that fails closed could not be asked."""
    message = f'Internal error occurred: failed calling webhook "{webhook}": {why}'
    return ApiError(
        500, "InternalError", message, {"causes": [{"message": f'failed calling webhook "{webhook}": {why}'}]}
    )


def blocked(review: Review, prediction: Prediction) -> str:
    """Kyverno's explanation (K:pkg/webhooks/utils/block.go): policies and rules as YAML."""
    denials = {policy: dict(rules) for policy, rules in prediction.denials.items()}
    listed = yaml.dump(denials, Dumper=_Dumper, default_flow_style=False, width=1 << 20, allow_unicode=True)
    subject = f"{review.resource.kind}/{review.namespace}/{_asked_name(review)}"
    return f"\n\nresource {subject} was blocked due to the following policies \n\n{listed}"


def _asked_name(review: Review) -> str:
    """The name that the request gave: a webhook does not see the one that the server makes up from `generateName`."""
    stem = ((review.object or {}).get("metadata") or {}).get("generateName") or ""
    made = bool(stem) and review.name.startswith(stem[:58]) and len(review.name) == len(stem[:58]) + 5
    return "" if made and review.operation == "CREATE" else review.name


class _Dumper(yaml.SafeDumper):
    """Texts of several lines as blocks, as Go writes them."""


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Dumper.add_representer(str, _text)


def _concerns(rule: Object, review: Review) -> bool:
    plural = f"{review.resource.plural}/{review.subresource}" if review.subresource else review.resource.plural
    return (
        review.operation in rule["operations"]
        and any(group in ("*", review.resource.group) for group in rule["apiGroups"])
        and any(one in ("*", "*/*", plural) for one in rule["resources"])
    )


def _known(given: Any, live: Iterable[PolicyReview]) -> Known:
    """Nothing but what the settings name vouches for a signature in a simulated lab."""
    roots, rekor, ct = (dict(given.get(name) or {}) for name in ("roots", "rekor_keys", "ct_keys"))
    return strangers.among((one.policy.spec for one in live if one.policy), Known(roots, rekor, ct))
