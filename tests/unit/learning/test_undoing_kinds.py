"""Which kinds of a group are looked through when what was made by hand is taken out."""

from __future__ import annotations

from typing import Any

from labs.learning.undoing import _kinds


class _Served:
    """A group whose preferred version does not serve every kind, as Kyverno's does not."""

    def get(self, path: str) -> Any:
        served = {"v2": ["policyexceptions"], "v1": ["clusterpolicies", "clusterpolicies/status"]}
        version = path.rpartition("/")[2]
        if version in served:
            return {"resources": [{"name": name} for name in served[version]]}
        return {"versions": [{"groupVersion": f"kyverno.io/{one}"} for one in served]}


def test_a_kind_that_the_preferred_version_lacks_is_found() -> None:
    found = _kinds(_Served(), "kyverno.io")  # type: ignore[arg-type]
    assert sorted(found) == [("kyverno.io/v1", "clusterpolicies"), ("kyverno.io/v2", "policyexceptions")]
