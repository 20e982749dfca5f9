"""Is it right? Pure functions from evidence to a verdict, by the names that exercises ask for."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from grader.checks import (
    argocd,
    behaviour,
    enforcement,
    enforcement_provider,
    kyverno,
    policy_file,
    policy_valid,
    repository,
    repository_path,
)
from grader.checks.context import Context
from grader.outcome import Verdict

CHECKS: Mapping[str, Callable[[Context], Verdict]] = {
    "platform.synced": argocd.platform_synced,
    "kyverno.installed": kyverno.installed,
    "kyverno.ready": kyverno.ready,
    "policy.present": policy_file.present,
    "policy.valid": policy_valid.valid,
    "policy.scope": behaviour.scope,
    "policy.images": behaviour.images,
    "policy.enforced": behaviour.enforced,
    "policy.identity": behaviour.identity,
    "repository.path": repository_path.path,
    "repository.committed": repository.committed,
    "repository.pushed": repository.pushed,
    "argocd.synced": argocd.synced,
    "policy.active": enforcement.active,
    "enforcement.live": enforcement.enforcement_live,
    "enforcement.provider": enforcement_provider.provider,
}
