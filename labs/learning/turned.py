"""What a reset or a jump did, told in sentences; every front end says the same."""

from __future__ import annotations

from collections.abc import Iterator

from labs.learning.resetting import Turned


def sentences(done: Turned) -> Iterator[str]:
    """What is kept where, what is gone, and whose the files are. Names are the learner's: clean them for display."""
    for name in done.kept.references:
        yield f"Your work is kept on the branch {name}."
    if done.kept.references:
        yield f"It is in the repository {done.kept.repository}."
    for name in done.removed:
        yield f"Removed from the cluster: {name}."
    yield from _files(done)
    for module in done.undone:
        yield f"What was pushed for module {module} is undone too: it could not be told from this module's commits."
    if not done.followed:
        yield "Argo CD has not followed yet; it will within a minute."


def _files(done: Turned) -> Iterator[str]:
    if done.files == "own":
        yield "Your own files are in the clone, not committed."
    elif done.files == "left":
        yield "Your files and commits are as they were."
    for path in done.laid:
        yield f"The file {path} is the course's, as the steps before leave it; no file of yours is in the clone."
    if done.laid and done.kept.references:
        branch = done.kept.references[0]
        yield f"To bring a file of yours back: “git restore --source {branch} FILE”."
    elif done.files == "course" and not done.laid:
        yield "The clone holds what the lab began with; no file of yours is in it."
    for path in done.carried:
        yield f"The file {path} is yours still: an earlier module changed it."
