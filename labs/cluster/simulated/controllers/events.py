"""Events, as `kubectl describe` shows them under an object."""

from __future__ import annotations

from typing import Any

from labs.cluster.simulated.api.clock import stamp
from labs.cluster.simulated.api.errors import ApiError
from labs.cluster.simulated.controllers.client import EVENT, Client

Object = dict[str, Any]

_MOST = 400
_MESSAGE = 1024


def emit(client: Client, about: Object, kind: str, reason: str, message: str) -> None:
    """Writes an Event (`kind` Normal or Warning); the same one again only counts up."""
    metadata, time = about["metadata"], stamp(client.cluster.clock)
    namespace = metadata.get("namespace", "default")
    text = message[:_MESSAGE]
    name = f"{metadata['name'][:200]}.{_number(client)}"
    involved = {
        "kind": about["kind"], "apiVersion": about["apiVersion"], "name": metadata["name"], "uid": metadata["uid"],
        "resourceVersion": metadata.get("resourceVersion", ""),
        **({"namespace": metadata["namespace"]} if "namespace" in metadata else {}),
    }  # fmt: skip
    try:
        old = _same(client.list(EVENT, namespace), metadata["uid"], client.manager, reason, text)
        if old:
            client.merge(EVENT, old, {"count": old.get("count", 1) + 1, "lastTimestamp": time})
            return
        client.create(EVENT, {
            "metadata": {"name": name, "namespace": namespace}, "involvedObject": involved, "type": kind,
            "reason": reason, "message": text, "count": 1, "firstTimestamp": time, "lastTimestamp": time,
            "source": {"component": client.manager}, "reportingComponent": client.manager, "reportingInstance": "",
        })  # fmt: skip
    except ApiError:
        return  # the namespace ends: nobody will read it
    _forget(client)


def _number(client: Client) -> str:
    """Sixteen hexadecimal digits that grow: events of one second are listed in their order."""
    return f"{int(client.cluster.clock.now().timestamp()):08x}{client.cluster.store.version & 0xFFFFFFFF:08x}"


def _same(found: list[Object], uid: str, source: str, reason: str, text: str) -> Object | None:
    wanted = (uid, source, reason, text)
    return next((one for one in found if _identity(one) == wanted), None)


def _identity(event: Object) -> tuple[Any, ...]:
    about, source = event.get("involvedObject") or {}, event.get("source") or {}
    return about.get("uid"), source.get("component"), event.get("reason"), event.get("message")


def _forget(client: Client) -> None:
    """Deletes the oldest Events above a bound (a real cluster forgets them after an hour)."""
    found = client.list(EVENT)
    for old in sorted(found, key=lambda one: str(one.get("lastTimestamp")))[: max(len(found) - _MOST, 0)]:
        client.delete(EVENT, old)
