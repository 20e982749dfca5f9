"""Which lines of shell code begin a command."""

from __future__ import annotations

import pytest

from labs.tui.lines import begun

CODES = (
    ("labs doctor\nlabs up", "$$"),
    ("helm install kyverno \\\n  --version 3.9.1\nkubectl get pods", "$ $"),
    ("kubectl apply -f - <<'EOT'\nkind: Pod\nEOT\nkubectl get pods", "$  $"),
    ("docker cp it - |\ntar -t\ngit status", "$ $"),
    ("for one in a b; do\n  echo $one\ndone\nls", "$  $"),
    ("for one in a b; do echo $one; done\nls", "$$"),
    ("sample() {\n  echo it\n}\nsample", "$  $"),
    ('echo "kind: Provider\n  spec: {}" | kubectl apply -f -\nls', "$ $"),
    ("# it isn't one\nls", "$$"),
)


@pytest.mark.parametrize(("code", "marks"), CODES)
def test_a_mark_stands_where_a_command_begins(code: str, marks: str) -> None:
    assert "".join("$" if begins else " " for _, begins in begun(code)) == marks
    assert "\n".join(line for line, _ in begun(code)) == code
