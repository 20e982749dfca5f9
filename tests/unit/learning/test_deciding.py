"""What the demonstrations say decides an answer, where it is no line of the learner's file, or nothing at all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from grader.checks import samples
from grader.evidence.model import Answer, ProbeAnswer
from labs.learning.demonstrations import admission
from labs.learning.demonstrations.deciding import decision
from labs.learning.demonstrations.effects import EFFECTS
from labs.learning.demonstrations.scene import Row, Scene
from labs.learning.demonstrations.trusting import DISTRUST
from tests.demonstrated import PLAYGROUND, TRIAL, ready, wait, world
from tests.sim_lab import MODULE, Lab, sim_lab

OTHER = next(one for one in MODULE.mutants if one.name == "10-no-namespace")


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A lab whose Kyverno has the lab's trust, and the trial policy by hand."""
    with sim_lab(tmp_path_factory.mktemp("trial")) as lab:
        lab.kyverno()
        yield tried(lab)


@pytest.fixture(scope="module")
def distrusting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """The same where Kyverno was installed without the lab's values."""
    with sim_lab(tmp_path_factory.mktemp("distrusting")) as lab:
        lab.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kyverno"}})
        lab.install("kyverno", "kyverno")
        yield tried(lab)


def tried(lab: Lab) -> Lab:
    lab.create(PLAYGROUND, TRIAL)
    wait(lab, "kyverno.io/v1", "clusterpolicies", ready)
    return lab


def effect(lab: Lab, number: int) -> Scene:
    with world(lab) as found:
        return admission.show(found, number)


def rows(found: Scene) -> dict[str, Row]:
    return {one.cells[1]: one for one in found.tables[-1].rows}


def test_what_was_not_answered_was_not_decided(trial: Lab) -> None:
    found = rows(effect(trial, 1))["Pod with unsigned, ephemeral container"]
    assert (found.cells[0], found.cells[2]) == ("not answered", "-")
    assert [label for label, _ in found.details] == ["request", "answer", "message"]
    assert dict(found.details)["request"].endswith("\nin playground")


def test_a_policy_by_hand_has_fields_and_no_lines(trial: Lab) -> None:
    found = effect(trial, 1)
    place = "spec.rules[0].match.any[0].resources.namespaces of check-image-signature"
    elsewhere = rows(found)["Pod with unsigned, in default"]
    assert elsewhere.cells[2] == "applied by hand (namespaces)"
    assert dict(elsewhere.details)["line"] == f"{place} (applied by hand, no file of your clone)"
    assert "(applied by hand, no file of your clone)" in found.answer
    assert ":1:1" not in str(found)


def test_a_policy_that_a_file_names_is_not_by_hand(tmp_path_factory: pytest.TempPathFactory) -> None:
    with sim_lab(tmp_path_factory.mktemp("other")) as lab:
        lab.kyverno()
        name = "verify-provider-images"
        lab.create(PLAYGROUND, {**TRIAL, "metadata": {"name": name}})
        wait(lab, "kyverno.io/v1", "clusterpolicies", ready)
        lab.clone.lay(OTHER)
        with world(lab) as found:
            assert found.own == {name}
        assert "(in force otherwise than your files say)" in effect(lab, 4).answer


def test_an_answer_that_the_model_did_not_expect_has_no_line(trial: Lab) -> None:
    unsigned = samples.probe(EFFECTS[3].probes("playground")[0], None, "cgr.dev/chainguard/*", "subject", "issuer")
    with world(trial) as found:
        decided = decision(found, unsigned, ProbeAnswer("x", Answer.ADMITTED, "image", "playground"))
    assert (decided.line, decided.short, "expects another answer" in decided.says) == ("", "", True)


def test_without_trust_a_good_signature_is_not_promised(distrusting: Lab) -> None:
    found = effect(distrusting, 2)
    assert found.explanation == DISTRUST
    assert "labs trust kyverno" in DISTRUST
    signed = rows(found)["Pod with signed"]
    assert (signed.cells[0], signed.cells[2]) == ("refused", "-")
    assert "signed by unknown authority" in dict(signed.details)["refused by"]
    assert "which says" not in dict(signed.details)
    assert "Decided by" not in found.answer


def test_without_trust_an_unsigned_image_is_refused_all_the_same(distrusting: Lab) -> None:
    found = effect(distrusting, 4)
    assert found.explanation.startswith(f"{DISTRUST}\nNo signature")
    assert rows(found)["Pod with unsigned"].cells[2] == "applied by hand (keyless)"


def test_with_trust_nothing_is_said_of_it(trial: Lab) -> None:
    assert not any(DISTRUST in effect(trial, number).explanation for number in (2, 3))
    assert "of check-image-signature" in dict(rows(effect(trial, 3))["Pod with other-authority"].details)["line"]
