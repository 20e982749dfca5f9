"""A small course, written to a folder and read back."""

from __future__ import annotations

from pathlib import Path

from grader import course

TEXT = """# First things first

Infrastructure is code, but it runs on **images**. Read [the other module](../02-two/text.md#more), the unwritten
[third](./03-three.md), [cosign](https://docs.sigstore.dev), or [below](#write-the-policy).

## Install Kyverno

| what | where |
|---|---|
| chart | `kyverno/kyverno` |
| namespace | `kyverno` |

```bash
helm install kyverno kyverno/kyverno --namespace kyverno  # one line
```

1. First look at what is there.
2. Then change it.

## Write the policy

> A policy is a manifest like any other.

```yaml
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata:
  name: check-image-signature
spec:
  rules:
  - name: signed-by-the-release-pipeline
    match:
      any:
      - resources:
          kinds: [Pod]
          namespaces: ["crossplane-system"]
```

## Push it

```bash network
git push origin main
```
"""
EXERCISE = """format: 1
title: Exercise
parameters: {folder: apps}
steps:
- id: install
  task: 1
  title: Install Kyverno
  anchor: install-kyverno
  commands: [helm install kyverno kyverno/kyverno --namespace kyverno]
  checks: [kyverno.installed, kyverno.ready]
  hints: [{text: Kyverno comes as a chart.}, {text: Wait for it., check: kyverno.ready}]
- {id: write, task: 2, title: "Write the [b]policy[/b]", anchor: write-the-policy, checks: [policy.present],
   after: {files: {policy.yaml: modules/01-one/text.md}}, hints: [{text: "Begin with [i]the text[/i]."}]}
- {id: push, task: 3, title: Push it, anchor: push-it, checks: [argocd.synced]}
- {id: beyond, task: 4, title: Beyond, anchor: push-it}
checks:
- {id: kyverno.installed, points: 5}
- {id: kyverno.ready, points: 5}
- {id: policy.present, points: 10}
- {id: argocd.synced, points: 10, needs: [policy.present]}
"""
OTHER = """format: 1
title: Other
steps:
- {id: read, task: 1, title: Read, anchor: more}
"""
COURSE = """format: 1
title: Course
modules:
- {id: 01-one, title: Module one}
- {id: 02-two, title: Module two}
- {id: 03-three, title: Module three, written: false}
"""
ABOUT = "title: A plain policy\nnote: It matches Pods.\n"
POLICY = "kind: ClusterPolicy\nmetadata: {name: plain}\n"


def make_course(folder: Path) -> course.Course:
    """Writes the course and reads it back."""
    files = {
        "course.yaml": COURSE,
        "modules/01-one/exercise.yaml": EXERCISE,
        "modules/01-one/text.md": TEXT,
        "modules/02-two/exercise.yaml": OTHER,
        "modules/02-two/text.md": "# Module two\n\nNothing much.\n\n## More\n\nThe end.\n",
        "solutions/01-one/1-reference/about.yaml": ABOUT,
        "solutions/01-one/1-reference/apps/policy.yaml": POLICY,
        "solutions/01-one/2-other/about.yaml": "title: Another one\n",
        "solutions/01-one/2-other/apps/other.yaml": POLICY,
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return course.read(folder)
