import json
import re

import pytest

from labs.platform import corefile, manifests, values
from labs.platform.images import Choice

COREFILE = """\
.:53 {
    errors
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
    }
    forward . /etc/resolv.conf {
       max_concurrent 1000
    }
    reload
}
"""
CHOICE = Choice("argocd", "x", {"argocd": "r.example/argocd:v1", "repo-server": "r.example:5000/repo:v2"})


def test_the_registrys_name_is_answered_and_others_go_on() -> None:
    changed = corefile.with_host(COREFILE, "cgr.dev", "10.96.0.50")
    block = "    hosts {\n        10.96.0.50 cgr.dev\n        fallthrough\n    }\n"
    assert changed == COREFILE.replace(".:53 {\n", ".:53 {\n" + block)


def test_the_address_is_replaced_not_repeated() -> None:
    once = corefile.with_host(COREFILE, "cgr.dev", "10.96.0.1")
    assert corefile.with_host(once, "cgr.dev", "10.96.0.50") == corefile.with_host(COREFILE, "cgr.dev", "10.96.0.50")


def test_an_unknown_corefile_is_refused() -> None:
    with pytest.raises(ValueError, match="server block"):
        corefile.with_host("example.org {\n}\n", "cgr.dev", "10.96.0.50")


def test_the_application_is_as_the_exercise_needs_it() -> None:
    made = manifests.application()
    policy = made["spec"]["syncPolicy"]
    assert policy["automated"] == {"prune": True, "selfHeal": True, "allowEmpty": True}
    assert (policy["retry"]["limit"], policy["retry"]["refresh"]) == (-1, True)
    assert policy["syncOptions"] == ["SkipDryRunOnMissingResource=true"]
    assert made["metadata"]["annotations"] == {
        "argocd.argoproj.io/compare-options": "ServerSideDiff=true,IncludeMutationWebhook=true"
    }
    assert made["spec"]["source"] == {
        "repoURL": "git://git.platform-labs.svc.cluster.local/platform.git",
        "targetRevision": "main",
        "path": "gitops-bootstrap/apps/platform",
    }


def test_the_remotes_server_can_only_read() -> None:
    deployment, service = manifests.git_server("argocd:v1", 1000)
    pod = deployment["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert container["command"][:5] == ["git", "-c", "safe.directory=*", "daemon", "--export-all"]
    assert not [part for part in container["command"] if "receive-pack" in part]
    assert container["volumeMounts"] == [{"name": "git", "mountPath": "/srv/git", "readOnly": True}]
    assert container["securityContext"]["runAsUser"] == 1000
    assert pod["automountServiceAccountToken"] is False
    selected = service["spec"]["selector"].items()
    assert selected <= deployment["spec"]["template"]["metadata"]["labels"].items()


def test_the_lab_publishes_its_facts_and_each_sample() -> None:
    sample = {"image": "cgr.dev/chainguard/provider-a", "tag": "v1", "digest": "sha256:0", "signature": "signed"}
    made = manifests.facts("mine", "kind", {"signed": sample})
    lab = json.loads(made["data"]["lab.json"])
    assert (lab["schema"], lab["name"], lab["backend"]) == ("platform-labs/lab/v1", "mine", "kind")
    assert lab["samples"] == {"signed": sample}
    assert lab["application"] == {"namespace": "argocd", "name": "platform"}
    assert made["data"]["signed"] == "cgr.dev/chainguard/provider-a:v1"


def test_every_namespace_is_the_labs_own() -> None:
    names = [one["metadata"]["name"] for one in manifests.namespaces()]
    assert "kyverno" not in names
    assert {"platform-labs", "platform-labs-canary", "argocd", "crossplane-system"} <= set(names)


def test_argocd_runs_the_chosen_images() -> None:
    made = values.argocd(CHOICE)
    assert made["global"]["image"] == {"repository": "r.example/argocd", "tag": "v1", "imagePullPolicy": "IfNotPresent"}
    assert made["repoServer"]["image"] == {"repository": "r.example:5000/repo", "tag": "v2"}


def test_argocd_sees_a_push_within_seconds() -> None:
    settings = values.argocd(CHOICE)["configs"]["cm"]
    assert re.fullmatch(r"[1-9]s", settings["timeout.reconciliation"])
    assert settings["timeout.reconciliation.jitter"] == "0s"


def test_crossplane_trusts_the_registry() -> None:
    made = values.crossplane(Choice("crossplane", "x", {"crossplane": "cgr.dev/chainguard/crossplane:v1.15.0"}))
    assert made["image"]["repository"] == "cgr.dev/chainguard/crossplane"
    assert made["registryCaBundleConfig"] == {"name": manifests.CA_CONFIG_MAP, "key": manifests.CA_KEY}


def test_values_are_merged_as_helm_merges_them() -> None:
    below = {"a": {"b": 1, "c": [1, 2]}, "d": {"e": 1}}
    assert values.merged(below, {"a": {"c": [3]}, "d": 4}, {"f": {}}) == {"a": {"b": 1, "c": [3]}, "d": 4, "f": {}}
    assert below == {"a": {"b": 1, "c": [1, 2]}, "d": {"e": 1}}
