"""Looks for dead links: every relative link and anchor in the Markdown files must lead somewhere.

Links to other sites are not followed, for a test must not need the network. A module that the
course declares as unwritten may be linked to.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from grader import course

ROOT = Path(__file__).resolve().parent.parent
_FENCE = re.compile(r"^(`{3,}|~{3,}).*?^\1\s*$", re.M | re.S)
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")
_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*\s*$", re.M)


def anchors(text: str) -> set[str]:
    """The anchors of a Markdown text's headings, as GitHub makes them."""
    found = set()
    for heading in _HEADING.findall(_FENCE.sub("", text)):
        plain = re.sub(r"[`*_]|\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        found.add(re.sub(r"[^\w\- ]", "", plain).replace(" ", "-"))
    return found


def dead_links(file: Path, unwritten: frozenset[str]) -> list[str]:
    """What is wrong with the links of one file, a line each."""
    text = file.read_text(encoding="utf-8")
    problems = []
    for link in _LINK.findall(_FENCE.sub("", text)):
        target, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", target) or Path(target).name.removesuffix(".md") in unwritten:
            continue
        path = (file.parent / target) if target else file
        if not path.exists():
            problems.append(f"{file.relative_to(ROOT)}: {link} leads nowhere")
        elif anchor and path.suffix == ".md" and anchor not in anchors(path.read_text(encoding="utf-8")):
            problems.append(f"{file.relative_to(ROOT)}: {link} names no heading of {path.name}")
    return problems


def main() -> int:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    unwritten = frozenset(module.id for module in course.read().modules if not module.written)
    files = [ROOT / name for name in listed.stdout.split()]
    problems = [problem for file in files if file.exists() for problem in dead_links(file, unwritten)]
    print("\n".join(problems) or f"{len(files)} Markdown files, no dead link")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
