"""What a probe file may hold, and how it is refused with its line."""

from __future__ import annotations

import pytest

from grader.errors import InputError
from grader.kyverno import probefile
from grader.kyverno.request import Probe
from tests.unit.kyverno.policies import DIGEST, TAGGED


def read(text: str) -> list[Probe]:
    """The probes of a file with this text."""
    return probefile.read(text.encode(), "probes.yaml")


def test_what_a_probe_may_say() -> None:
    (probe,) = read(
        f"- name: a\n  image: {TAGGED}\n  namespace: crossplane-system\n  operation: UPDATE\n  object: x\n"
        "  labels: {a: b}\n  annotations: {a: b}\n  namespaceLabels: {team: x}\n"
        f"  beside: [{{image: docker.io/nginx, where: containers}}]\n  digest: {DIGEST}\n"
        "  signatures: [{subject: a, issuer: b, formats: [cosign, bundle], annotations: {a: b}, extensions: {c: d}}]\n"
    )
    assert (probe.object_name, probe.operation, probe.labels, probe.namespace_labels) == (
        "x",
        "UPDATE",
        {"a": "b"},
        {"team": "x"},
    )
    assert (probe.image.signatures[0].bundle, probe.image.signatures[0].extensions) == (True, {"c": "d"})
    assert [image.reference for image in probe.beside] == ["docker.io/nginx"]


@pytest.mark.parametrize(
    ("text", "message", "where"),
    [
        ("a: b\n", "one YAML list", ":1:1"),
        ("- a\n", "a probe is a mapping", ":1:3"),
        ("- name: a\n", "image is missing", ":1:3"),
        ("- image: a\n", "name is missing", ":1:3"),
        ("- {name: a, image: b, colour: c}\n", "a probe has no key “colour”", ":1:23"),
        ("- {name: a, image: b, kind: Job}\n", "kind must be one of Pod, Deployment", ":1:23"),
        ("- {name: a, image: b, where: sidecar}\n", "where must be one of containers", ":1:23"),
        ("- {name: a, image: b, kind: Deployment, where: ephemeralContainers}\n", "no ephemeral containers", ":1:41"),
        ("- {name: a, image: 1}\n", "image must be text", ":1:13"),
        ("- {name: a, image: b, labels: {c: 1}}\n", "labels must be a mapping of texts", ":1:23"),
        ("- {name: a, image: b, signatures: {}}\n", "signatures must be a list", ":1:23"),
        ("- {name: a, image: b, signatures: [x]}\n", "a signature is a mapping", ":1:36"),
        ("- {name: a, image: b, signatures: [{log: maybe}]}\n", "log must be one of yes, no, forged", ":1:37"),
        ("- {name: a, image: b, signatures: [{formats: [x]}]}\n", "formats are cosign and bundle", ":1:37"),
        ("- {name: a, image: b}\n- {name: a, image: b}\n", "stands here twice", ":2:3"),
        ("- name: a\n  name: b\n", "a second time", ":2:3"),
        ("", "there is no probe", ""),
        ("- {name: a, image: b}\n---\n- {name: c, image: d}\n", "a second document begins here", ":3:1"),
        ("- null\n", "a probe is a mapping", ":1:3"),
        ("- {name: ' ', image: b}\n", "name is empty", ":1:4"),
        ('- {name: "\\u200b", image: b}\n', "name is empty", ":1:4"),
        ("- {name: a, image: ''}\n", "image “” is no image reference", ":1:13"),
        ("- {name: a, image: c d}\n", "image “c d” is no image reference", ":1:13"),
        ("- {name: a, image: ' c'}\n", "is no image reference", ":1:13"),
        ("- {name: a, image: c@sha256:0}\n", "is no image reference", ":1:13"),
        ("- {name: a, image: b, beside: [{image: ''}]}\n", "is no image reference", ":1:33"),
        ("- {name: a, image: b, namespace: B_!}\n", "namespace “B_!” is no name of a namespace", ":1:23"),
        ("- {name: a, image: b, namespace: ''}\n", "is no name of a namespace", ":1:23"),
        ("- {name: a, image: b, namespace: a.b}\n", "is no name of a namespace", ":1:23"),
        ("- {name: a, image: b, namespace: -a}\n", "is no name of a namespace", ":1:23"),
        (f"- {{name: a, image: b, namespace: {'a' * 64}}}\n", "is no name of a namespace", ":1:23"),
        ('- {name: a, image: b, namespace: "a\\n"}\n', "is no name of a namespace", ":1:23"),
        ("- {name: a, image: b, namespace: }\n", "namespace must be text", ":1:23"),
        ("- {name: a, image: b, object: A}\n", "object “A” is no name of an object", ":1:23"),
        ("- {name: a, image: b, as: ''}\n", "as “” names nobody", ":1:23"),
        ("- {name: a, image: b, as: 'system:serviceaccount:a'}\n", "names nobody", ":1:23"),
        ("- {name: a, image: b, as: [a]}\n", "as must be text", ":1:23"),
        ("- {name: a, image: b, digest: x}\n", "digest “x” is no digest", ":1:23"),
        ("- {name: a, image: b, operation: ''}\n", "operation must be one of CREATE, UPDATE", ":1:23"),
        ("- {name: a, image: b, operation: DELETE}\n", "operation must be one of CREATE, UPDATE", ":1:23"),
        (
            "- {name: a, image: b, where: ephemeralContainers, operation: CREATE}\n",
            "no Pod is created with an ephemeral container",
            ":1:51",
        ),
        ("- {name: a, image: b, signatures: [{authority: both}]}\n", "authority must be one of lab, other", ":1:37"),
        ("- {name: a, image: b, signatures: [{digest: x}]}\n", "digest must be one of same, other", ":1:37"),
        ("- {name: a, image: b, signatures: [{formats: []}]}\n", "formats are cosign and bundle", ":1:37"),
        ("- {name: a, image: b, signatures: [{formats: [[x]]}]}\n", "formats are cosign and bundle", ":1:37"),
        ("\t- a\n", "a tab", ":1:1"),
    ],
)
def test_probes_that_cannot_be_read(text: str, message: str, where: str) -> None:
    with pytest.raises(InputError) as caught:
        read(text)
    assert message in caught.value.message
    assert caught.value.where == f"probes.yaml{where}"
    assert caught.value.advice or "one of" in message or "must be" in message
    assert caught.value.exit_code == 2
