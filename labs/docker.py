"""The only door to the Docker Engine (the `docker` library is imported where it is first needed)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from grader.text import one_line
from labs.errors import DockerFault

P = ParamSpec("P")
T = TypeVar("T")

_ANSWER = 5
"""Seconds that the engine has for its first answer."""

_ADVICE = (
    (("permission denied",), "Your user may not use Docker: add it to the group “docker” and log in again."),
    (("no such file", "connection refused", "filenotfound"), "Start Docker, then run the command again."),
    (("timed out", "timeout"), "Docker does not answer in time: restart it."),
    (("no space left",), "Free some disk space: docker system prune shows what could go."),
    (
        ("port is already allocated", "address already in use"),
        "Another program uses a port of this lab: end it, then run the command again.",
    ),
    (("toomanyrequests", "rate limit"), "The registry limits pulls: wait, or log in with docker login."),
)


@dataclass(frozen=True, slots=True)
class Container:
    """A container as `docker inspect` shows it.

    `mounts` maps paths in the container to those of the host, `ports` container ports to loopback ones.
    """

    name: str
    running: bool
    image: str
    labels: Mapping[str, str]
    mounts: Mapping[str, str]
    ports: Mapping[int, int]


def _guarded(method: Callable[P, T]) -> Callable[P, T]:
    """Turns every failure of the library into DockerFault."""

    @wraps(method)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return method(*args, **kwargs)
        except DockerFault:
            raise
        except Exception as error:
            raise _fault(error) from None

    return call


def _fault(error: Exception) -> DockerFault:
    reason = one_line(str(getattr(error, "explanation", None) or error), 300)
    lower = reason.lower()
    advice = next((text for words, text in _ADVICE if any(word in lower for word in words)), None)
    connecting = type(error).__name__ in ("DockerException", "ConnectionError", "ReadTimeout")
    message = f"the Docker Engine does not answer: {reason}" if connecting else f"Docker: {reason}"
    return DockerFault(message, advice=advice or "labs doctor looks at the whole machine.")


class Engine:
    """The local Docker Engine, the one that `docker` itself would use (`DOCKER_HOST`, else the Docker context).

    Connected at the first question.
    """

    def __init__(self) -> None:
        self._connected: Any = None

    @property
    def _client(self) -> Any:
        if self._connected is None:
            import docker

            self._connected = docker.from_env(timeout=_ANSWER)
            self._connected.ping()
        return self._connected

    @_guarded
    def info(self) -> dict[str, Any]:
        """What the engine says about itself: `ServerVersion`, `MemTotal` (bytes), `NCPU`, `DockerRootDir`…"""
        found: dict[str, Any] = self._client.info()
        return found

    @_guarded
    def images(self) -> dict[str, str]:
        """References (name:tag) of the images that the engine has, with their ids."""
        return {tag: str(image["Id"]) for image in self._slow().api.images() for tag in image.get("RepoTags") or ()}

    @_guarded
    def offered(self, reference: str) -> str | None:
        """None where the registry offers this image to us; otherwise the reason why not."""
        from docker.errors import APIError

        try:
            self._slow().api.inspect_distribution(reference)
            return None
        except APIError as refused:
            return one_line(str(refused.explanation or refused), 200)

    @_guarded
    def pull(self, reference: str) -> None:
        """Fetches an image into the engine. Raises DockerFault with the registry's reason."""
        repository, _, tag = reference.rpartition(":")
        for line in self._slow(600).api.pull(repository, tag=tag, stream=True, decode=True):
            if "error" in line:  # told inside of an answer that began well
                raise _fault(RuntimeError(f"{reference}: {line['error']}"))

    @_guarded
    def container(self, name: str) -> Container | None:
        """The container of that exact name, or None."""
        from docker.errors import NotFound

        try:
            found = self._client.containers.get(name).attrs
        except NotFound:
            return None
        bound = (found.get("HostConfig") or {}).get("PortBindings") or {}
        return Container(
            name=name,
            running=bool(found["State"]["Running"]),
            image=found["Config"]["Image"],
            labels=found["Config"].get("Labels") or {},
            mounts={mount["Destination"]: mount["Source"] for mount in found.get("Mounts") or ()},
            ports={int(port.split("/")[0]): int(to[0]["HostPort"]) for port, to in bound.items() if to},
        )

    @_guarded
    def start(self, name: str) -> None:
        """Starts a stopped container."""
        self._slow().containers.get(name).start()

    @_guarded
    def stop(self, name: str) -> None:
        """Stops a running container within 10 seconds; what is in it stays.

        A node's systemd waits for the cluster's containers longer than anybody wants to. What they have
        written is in the kernel's hands by then, and is kept when their processes are killed.
        """
        self._slow(60).containers.get(name).stop(timeout=10)

    @_guarded
    def remove(self, name: str) -> None:
        """Removes a container and its anonymous volumes, running or not; an absent one is no fault."""
        from docker.errors import NotFound

        try:
            self._slow(180).containers.get(name).remove(force=True, v=True)
        except NotFound:
            return

    def _slow(self, seconds: int = 60) -> Any:
        """A client for what takes longer than a look."""
        self._client  # noqa: B018  an engine that does not answer is found out in seconds
        import docker

        return docker.from_env(timeout=seconds)
