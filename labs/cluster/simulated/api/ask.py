"""Who asks, and how: what goes with a request beside its body."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class User:
    """An identity as authentication (or impersonation) gave it."""

    name: str
    groups: tuple[str, ...] = ()


ADMINISTRATOR = User("kubernetes-admin", ("kubeadm:cluster-admins", "system:masters", "system:authenticated"))


def controller(name: str, namespace: str = "kube-system") -> User:
    """The service account of a controller."""
    groups = ("system:serviceaccounts", f"system:serviceaccounts:{namespace}", "system:authenticated")
    return User(f"system:serviceaccount:{namespace}:{name}", groups)


@dataclass(slots=True)
class Ask:
    """`manager` is the field manager; `validation` Strict, Warn or Ignore; `warnings` go back as headers."""

    user: User = ADMINISTRATOR
    manager: str = "unknown"
    dry_run: bool = False
    validation: str = "Warn"
    warnings: list[str] = field(default_factory=list)
