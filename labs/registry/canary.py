"""The lab's own policy: it tells a broken environment from a broken policy.

Over one signed and one unsigned sample, in a namespace of its own. Kyverno remembers what it found
good for an hour; this policy has it look each time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labs.registry.samples import OFFICIAL, Place

NAME = "platform-labs-canary"
SIGNED, UNSIGNED = "signed", "unsigned"


def policy(places: Mapping[str, Place], namespace: str = NAME) -> dict[str, Any]:
    """The ClusterPolicy. It needs Kyverno's CRDs, so it comes after Kyverno."""
    attestor = {
        "keyless": {
            "subject": OFFICIAL.subject,
            "issuer": OFFICIAL.issuer,
            "rekor": {"url": "https://rekor.sigstore.dev"},
        }
    }
    rule = {
        "name": "samples",
        "match": {"any": [{"resources": {"kinds": ["Pod"], "namespaces": [namespace]}}]},
        "verifyImages": [
            {
                "imageReferences": [f"{places[name].image}*" for name in (SIGNED, UNSIGNED)],
                "failureAction": "Enforce",
                "useCache": False,
                "attestors": [{"entries": [attestor]}],
            }
        ],
    }
    return {
        "apiVersion": "kyverno.io/v1",
        "kind": "ClusterPolicy",
        "metadata": {
            "name": NAME,
            "labels": {"app.kubernetes.io/part-of": "platform-labs"},
            "annotations": {
                "policies.kyverno.io/description": "Shows that this lab's Kyverno tells signed from unsigned images.",
                "pod-policies.kyverno.io/autogen-controllers": "none",
            },
        },
        "spec": {"background": False, "rules": [rule]},
    }
