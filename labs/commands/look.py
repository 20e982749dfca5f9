"""Looking: status, addresses, the host."""

from __future__ import annotations

import base64
import binascii
import json
import sys
from typing import Any

from labs import console
from labs import lab as labs
from labs.docker import Engine
from labs.doctor.examine import all_checks
from labs.doctor.finding import Level
from labs.errors import EnvironmentFault, NoLab
from labs.lab import Lab
from labs.platform import manifests
from labs.platform.images import Choice

_NO_SCREEN = """\
This lab is simulated: Argo CD has no web interface in it. What the interface would show, kubectl shows too:
kubectl --namespace argocd get application platform
kubectl --namespace argocd describe application platform"""


def facts(lab: Lab) -> dict[str, Any]:
    """What there is to know about a lab, as JSON."""
    return {
        "name": lab.name,
        "backend": lab.recorded,
        "simulated": lab.is_simulated,
        "cluster": _condition(lab),
        "complete": lab.complete,
        "clone": str(lab.folder.clone),
        "remote": str(lab.folder.remote),
        "kubeconfig": str(lab.folder.kubeconfig),
        **lab.backend.facts,
        "images": lab.state.get("images") or {},
        "charts": lab.state.get("charts") or {},
        "steps": lab.state.get("steps") or {},
        "overrides": lab.overrides.lines(),
    }


def _condition(lab: Lab) -> str:
    """The cluster's state in a word, or why it cannot be told."""
    try:
        return lab.backend.cluster.condition().value
    except EnvironmentFault as fault:
        return f"unknown ({fault.message})"


def status(name: str, form: str) -> None:
    """`labs status`."""
    found = facts(labs.find(name))
    if form == "json":
        console.say(json.dumps(found, indent=1))
        return
    state = "complete" if found["complete"] else "not complete: labs up goes on"
    console.say(f"lab        {name} on {found['backend']}: cluster {found['cluster']}, {state}")
    if found["simulated"]:
        console.say("simulated  a model stands in for Kubernetes, Kyverno, Argo CD and Crossplane; reports say so")
    for key in ("clone", "remote", "kubeconfig", "argocd", "registry"):
        console.say(f"{key:10} {found[key]}")
    for entry in found["images"].values():
        _image(Choice.from_json(entry))
    for chart, entry in found["charts"].items():
        console.say(f"chart      {chart} {entry['version']} (app {entry['app']})")
    for line in found["overrides"]:
        console.say(f"override   {line}")


def _image(choice: Choice) -> None:
    for part, image in choice.images.items():
        console.say(f"image      {part}: {image} ({choice.source})")
    for reason in choice.passed_over:
        console.say(f"           not taken: {reason}")


def listing() -> None:
    """`labs list`."""
    found = labs.names()
    for name in found:
        console.say(f"{name}  simulated" if labs.find(name).is_simulated else name)
    if not found:
        console.say("There is no lab yet: labs up makes one.")


def addresses(name: str) -> None:
    """`labs open`: Argo CD's address, user and first password."""
    with labs.running(name) as lab:
        if lab.is_simulated:
            console.say(_NO_SCREEN)
            return
        console.say(f"Argo CD    {lab.backend.facts['argocd']}")
        console.say("user       admin")
        console.say(f"password   {_password(lab)}")
        console.say(f"app        {manifests.APPLICATION}")


def _password(lab: Lab) -> str:
    kubectl = lab.context().kubectl("open")
    wanted = ("secret", "argocd-initial-admin-secret", "-n", manifests.ARGOCD, "-o", "jsonpath={.data.password}")
    try:
        return base64.b64decode(kubectl.run("get", *wanted, quiet=True)).decode()
    except (binascii.Error, ValueError):
        raise NoLab("Argo CD's first password is gone", advice="It was changed, or its secret was removed.") from None


def doctor() -> None:
    """`labs doctor`: what there is, and which lab it carries; exit 3 where not even a simulated one runs here."""
    found = list(all_checks(Engine()))
    bad = dict.fromkeys(one.subject for one in found if one.level is Level.BAD)
    if "git" in bad:
        console.say("No lab runs here without Git.")
    elif bad:
        console.say(f"labs up makes a simulated lab here, which needs Git alone; a real one lacks {', '.join(bad)}.")
    else:
        console.say("labs up makes a real lab here; labs up --cluster simulated a quick one.")
    for finding in found:
        console.say(f"{finding.level.value:8} {finding.message}")
        if finding.level is not Level.GOOD and finding.fix:
            console.say(f"         {finding.fix}")
    if "git" in bad:
        sys.exit(3)
