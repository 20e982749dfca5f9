from pathlib import Path
from textwrap import dedent

import pytest

from grader.errors import InputError
from labs.overrides import Overrides, read


@pytest.fixture(autouse=True)
def _no_override_of_the_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LABS_OVERRIDES", raising=False)


def file(folder: Path, text: str) -> str:
    path = folder / "overrides.yaml"
    path.write_text(dedent(text))
    return str(path)


FULL = """\
    nodeImage: kindest/node:v1.35.4
    kindPatches:
    - |
      kind: KubeletConfiguration
      failCgroupV1: false
    charts:
      kyverno:
        chart: kyverno-3.9.1.tgz
        values: {crds: {migration: {enabled: false}}, features: {}}
      argocd:
        values: {dex: {enabled: false}}
    """


def test_without_a_file_nothing_is_overridden() -> None:
    assert read(None) == Overrides()


def test_everything_is_read_and_a_chart_is_found_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "kyverno-3.9.1.tgz").write_bytes(b"")
    found = read(file(tmp_path, FULL))
    assert found.node_image == "kindest/node:v1.35.4"
    assert found.kind_patches == ("kind: KubeletConfiguration\nfailCgroupV1: false\n",)
    assert found.chart("kyverno").chart == tmp_path / "kyverno-3.9.1.tgz"
    assert found.chart("argocd").values == {"dex": {"enabled": False}}
    assert found.chart("crossplane").chart is None


def test_the_variable_names_the_file_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABS_OVERRIDES", file(tmp_path, "nodeImage: one\n"))
    assert read(None).node_image == "one"


def test_an_option_wins_over_the_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABS_OVERRIDES", str(tmp_path / "absent"))
    assert read(file(tmp_path, "nodeImage: two\n")).node_image == "two"


def test_an_empty_file_overrides_nothing(tmp_path: Path) -> None:
    assert read(file(tmp_path, "# nothing\n")).lines() == []


def test_each_override_is_told(tmp_path: Path) -> None:
    (tmp_path / "kyverno-3.9.1.tgz").write_bytes(b"")
    assert read(file(tmp_path, FULL)).lines() == [
        "node image: kindest/node:v1.35.4",
        "kind patches: 1",
        f"chart kyverno: {tmp_path}/kyverno-3.9.1.tgz",
        "values of kyverno: crds.migration.enabled=False, features={}",
        "values of argocd: dex.enabled=False",
    ]


def test_the_state_keeps_them_whole(tmp_path: Path) -> None:
    (tmp_path / "kyverno-3.9.1.tgz").write_bytes(b"")
    found = read(file(tmp_path, FULL))
    assert Overrides.from_json(found.as_json()) == found
    assert Overrides.from_json(None) == Overrides()


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("nodeImage: one\nnodeimage: two\n", ":2:1", "knows no “nodeimage”"),
        ("nodeImage: [one]\n", ":1:1", "must be an image reference"),
        ("kindPatches: text\n", ":1:1", "must be a list of texts"),
        ("kindPatches:\n- kind: x\n", ":1:1", "must be a list of texts"),
        ("charts: []\n", ":1:1", "must be a mapping"),
        ("charts:\n  kyvernoo: {}\n", ":2:3", "knows no “kyvernoo”"),
        ("charts:\n  kyverno:\n    chart: absent.tgz\n", ":3:5", "there is no file"),
        ("charts:\n  kyverno:\n    chart: 3\n", ":3:5", "must be the path"),
        ("charts:\n  kyverno:\n    values: 3\n", ":3:5", "must be a mapping of Helm values"),
        ("charts:\n  kyverno:\n    version: 3\n", ":3:5", "knows no “version”"),
        ("nodeImage: one\nnodeImage: two\n", ":2:1", "nodeImage"),
        ("a:\n\tb: c\n", ":2:1", ""),
        ("- one\n", ":1:1", "must be a mapping"),
    ],
)
def test_every_fault_names_its_line(tmp_path: Path, text: str, place: str, message: str) -> None:
    with pytest.raises(InputError) as wrong:
        read(file(tmp_path, text))
    assert wrong.value.where == f"{tmp_path}/overrides.yaml{place}"
    assert message in wrong.value.message
    assert wrong.value.exit_code == 2


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        read(str(tmp_path / "absent.yaml"))


def test_two_documents_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="one YAML document"):
        read(file(tmp_path, "nodeImage: one\n---\nnodeImage: two\n"))
