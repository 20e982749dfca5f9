"""What the tests of the course's text look for: sections, and fenced blocks."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

_FENCE = re.compile(r"^```(\w*)([^\n]*)\n(.*?)^```\s*$", re.MULTILINE | re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_HEREDOC = re.compile(r"<<'(\w+)'\n.*?^\1$", re.MULTILINE | re.DOTALL)
_SAMPLE = re.compile(r"\$\(sample ([a-z0-9-]+)\)")
_READ = "$(kubectl --namespace platform-labs get configmap platform-labs -o jsonpath='{.data.%s}')"


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the words behind it, its lines."""

    language: str
    info: str
    body: str


def shown(text: str) -> str:
    """The text without its comments, which no learner sees."""
    return _COMMENT.sub("", text)


def blocks(text: str, language: str) -> list[Block]:
    """The fenced blocks of one language that a learner sees."""
    found = (Block(*match.groups()) for match in _FENCE.finditer(shown(text)))
    return [block for block in found if block.language == language]


def section(text: str, heading: str) -> str:
    """The part of the text under a heading of any level, up to the next one of that level or above."""
    start = re.search(rf"^(#+) {re.escape(heading)}$", text, re.MULTILINE)
    if start is None:
        raise LookupError(heading)
    rest = _blind(text)[start.end() :]
    end = re.search(rf"^#{{1,{len(start[1])}}} ", rest, re.MULTILINE)
    return text[start.end() :][: end.start() if end else None]


def _blind(text: str) -> str:
    """The text with every fenced line made blank, as a # in a shell block is no heading."""
    return _FENCE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


def commands(block: Block) -> list[str]:
    """The command lines of a shell block, continued lines joined and heredocs left out."""
    body = _HEREDOC.sub("", block.body).replace("\\\n", " ")
    return [" ".join(line.split()) for line in body.splitlines() if line.strip() and not line.startswith("#")]


def programs(line: str) -> list[str]:
    """The programs that a command line starts, functions and pipes opened."""
    words = shlex.split(re.sub(r"^\w+\(\) \{(.*)\}$", r"\1", line).replace(";", " ; "))
    starts = [0, *(index + 1 for index, word in enumerate(words) if word in (";", "|", "&&"))]
    return [words[index] for index in starts if index < len(words)]


def expanded(line: str) -> str:
    """The line with the text's function `sample` written out."""
    return _SAMPLE.sub(lambda match: _READ % match[1], line)
