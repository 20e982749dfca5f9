"""`labs sample`: a sample image of the lab by its name, for the commands of a lesson."""

from __future__ import annotations

from grader.errors import UsageError
from labs import console
from labs.commands.image import chosen
from labs.errors import NoLab


def tell(sample: str | None, name: str | None) -> None:
    """One sample as `IMAGE:TAG`, or all of them with what is right or wrong about their signatures.

    Raises NoLab, UsageError for a name that the lab does not have, EnvironmentFault where its cluster is silent.
    """
    from grader.evidence.lab import KEY, NAME, NAMESPACE, parsed
    from grader.kube import connect, resource

    lab = chosen(name)
    if lab is None:
        raise NoLab("there is no lab to ask", advice="labs up makes one.")
    with connect(lab.folder.kubeconfig) as kube:
        found = kube.get(resource("v1", "configmaps", NAMESPACE, NAME))
    samples = parsed(found.get("data", {}).get(KEY)).samples
    if sample is None:
        for known, one in samples.items():
            console.say(f"{known:18} {one.reference('tag')}  ({one.signature})")
    elif sample in samples:
        console.say(samples[sample].reference("tag"))
    else:
        raise UsageError(f"the lab has no sample {sample}", advice=f"There are: {', '.join(samples)}.")
