"""Which files of a folder Argo CD builds from, as kustomize 5.7.1 and Argo CD 3.2.11 do."""

from __future__ import annotations

from grader.evidence.kustomize import Build, build
from grader.evidence.model import File

FOLDER = "apps/platform"
POLICY = b"apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nmetadata: {name: p}\n"


def file(path: str, content: str | bytes = POLICY, mode: int = 0o100644) -> File:
    data = content.encode() if isinstance(content, str) else content
    return File(path, mode, "", len(data), data)


def built(*files: File) -> Build:
    return build(files, FOLDER)


def kustomized(text: str, *files: File) -> Build:
    return built(file(f"{FOLDER}/kustomization.yaml", text), file(f"{FOLDER}/p.yaml"), *files)


def used(found: Build) -> set[str]:
    return {path.removeprefix(f"{FOLDER}/") for path in found.used}


def test_plain_directory_takes_manifests_at_its_top() -> None:
    names = ("a.yaml", "b.yml", "c.json", "d.txt", "e.yaml.bak", "f.YAML", "g", "sub/h.yaml")
    found = built(
        *(file(f"{FOLDER}/{name}") for name in names), file("apps/other.yaml"), file("apps/platform-2/x.yaml")
    )
    assert found.mode == "directory"
    assert used(found) == {"a.yaml", "b.yml", "c.json"}


def test_link_and_marked_file_are_left_out() -> None:
    link = File(f"{FOLDER}/link.yaml", 0o120000, "", 8)
    assert used(built(link, file(f"{FOLDER}/m.yaml", b"# +argocd:skip-file-rendering\n"))) == set()


def test_jsonnet_and_overrides_are_doubts() -> None:
    found = built(file(f"{FOLDER}/a.jsonnet"), file(f"{FOLDER}/.argocd-source.yaml"))
    assert len(found.unsure) == 2


def test_chart_is_rendered_by_helm() -> None:
    found = built(file(f"{FOLDER}/Chart.yaml", "name: x"), file(f"{FOLDER}/p.yaml"))
    assert (found.mode, found.root) == ("helm", f"{FOLDER}/Chart.yaml")


def test_kustomization_goes_before_a_chart() -> None:
    assert kustomized("resources: [p.yaml]", file(f"{FOLDER}/Chart.yaml")).mode == "kustomization"


def test_two_kustomizations_in_one_folder_stop_the_build() -> None:
    found = kustomized("resources: [p.yaml]", file(f"{FOLDER}/kustomization.yml", "resources: [p.yaml]"))
    assert "refuses both together" in found.problems[0]


def test_kustomization_takes_what_it_lists_only() -> None:
    found = kustomized("resources: [./p.yaml]", file(f"{FOLDER}/q.yaml"))
    assert used(found) == {"p.yaml"}
    assert (found.problems, found.unsure) == ((), ())


def test_every_name_of_a_kustomization_is_known() -> None:
    for name in ("kustomization.yaml", "kustomization.yml", "Kustomization"):
        assert built(file(f"{FOLDER}/{name}", "resources: []")).mode == "kustomization"


def test_any_suffix_may_be_listed() -> None:
    assert used(kustomized("resources: [p.txt]", file(f"{FOLDER}/p.txt"))) == {"p.txt"}


def test_listed_folders_are_entered() -> None:
    more = (file(f"{FOLDER}/sub/kustomization.yml", "resources: [q.yaml]"), file(f"{FOLDER}/sub/q.yaml"))
    outside = (file("base/Kustomization", "resources: [b.yaml]"), file("base/b.yaml"))
    found = kustomized("resources: [sub, ../../base]\nbases: []\n", *more, *outside)
    assert found.used == {f"{FOLDER}/sub/q.yaml", "base/b.yaml"}
    assert found.problems == ()


def test_components_are_entered() -> None:
    component = file("c/kustomization.yaml", "kind: Component\nresources: [x.yaml]\n")
    found = kustomized("components: [../../c]", component, file("c/x.yaml"))
    assert found.used == {"c/x.yaml"}


def test_circle_of_folders_ends() -> None:
    circle = file(f"{FOLDER}/sub/kustomization.yaml", "resources: [..]\n")
    assert kustomized("resources: [sub]", circle).used == frozenset()


def test_what_stops_kustomize_is_a_problem_with_its_place() -> None:
    cases = {
        "resources: [gone.yaml]": "1:13: “gone.yaml” is not there",
        "resources: [sub]": "1:13: “sub” is not there",
        "resources: [p.yaml, p.yaml]": "1:21: “p.yaml” is listed twice",
        "resources: [../out.yaml]": "1:13: kustomize takes no file from outside its own folder",
        "resources: [1]": "1:13: must be a path",
        "resurces: [p.yaml]": "1:1: unknown field “resurces”",
        "patches: [{path: gone.yaml}]": "1:11: “gone.yaml” is not there",
        "patchesStrategicMerge: [gone.yaml]": "1:25: “gone.yaml” is not there",
        "": " is empty",
        "- a": " must be a YAML mapping",
    }
    for text, expected in cases.items():
        found = kustomized(text, file("apps/out.yaml"), file(f"{FOLDER}/sub/x.yaml"))
        assert [problem.removeprefix(f"{FOLDER}/kustomization.yaml:") for problem in found.problems] == [expected], text


def test_broken_kustomization_is_a_problem() -> None:
    assert "kustomization.yaml:2:1: a tab" in kustomized("resources:\n\t- p.yaml\n").problems[0]


def test_what_changes_objects_is_a_doubt() -> None:
    for text in (
        "patches: [{patch: '$patch: delete', target: {kind: ClusterPolicy}}]",
        "namespace: x",
        "namePrefix: x-",
        "resources: [https://example.org/x.yaml]",
        "resources: ['git@example.org:x.git']",
        "resources: [link.yaml]",
        "transformers: [t.yaml]",
    ):
        found = kustomized(text, File(f"{FOLDER}/link.yaml", 0o120000, "", 4))
        assert len(found.unsure) == 1, text
        assert found.problems == (), text


def test_labels_change_nothing_that_counts() -> None:
    found = kustomized("resources: [p.yaml]\nlabels: [{pairs: {a: b}}]\ncommonAnnotations: {c: d}\n")
    assert (found.problems, found.unsure) == ((), ())
