"""What a reset or a jump did, told in sentences; every front end says the same."""

from __future__ import annotations

from collections.abc import Iterator

from labs.learning.resetting import Turned
from labs.platform.backup import Kept


def sentences(done: Turned) -> Iterator[str]:
    """What is kept where, what is gone, and whose the files are. Names are the learner's: clean them for display."""
    for kept in (done.lost.saved, done.kept):
        yield from _kept(kept) if kept and kept.references else ()
        yield from (f"Files of yours over 10 MiB are in {kept.files}.",) if kept and kept.files else ()
    if done.lost.broken:
        yield f"Git could not read your clone: it was made anew, and the old one is {done.lost.broken}."
    for name in done.removed:
        yield f"Removed from the cluster: {name}."
    yield from _files(done)
    yield from _origin(done.clone.led)
    for module in done.undone:
        yield f"What was pushed for module {module} is undone too: it could not be told from this module's commits."
    if not done.followed:
        yield "Argo CD has not followed yet; it will within a minute."


def _kept(kept: Kept) -> Iterator[str]:
    for name in kept.references:
        yield f"Your work is kept on the branch {name}."
    yield f"It is in the repository {kept.repository}."


def _files(done: Turned) -> Iterator[str]:
    none = "no other file" if done.clone.moved or done.clone.stayed or done.carried else "no file"
    if done.files == "own":
        yield "Your own files are in the clone, not committed."
    elif done.files == "left":
        yield "Your files and commits are as they were."
    for path in done.laid:
        yield f"The file {path} is the course's, as the steps before leave it; {none} of yours is in the clone."
    if done.laid and done.kept.references:
        branch = done.kept.references[0]
        yield f"To bring a file of yours back: “git restore --source {branch} FILE”."
    elif done.files == "course" and not done.laid:
        yield f"The clone holds what the lab began with; {none} of yours is in it."
    yield from _on_no_branch(done)
    for path in done.carried:
        yield f"The file {path} is yours still: an earlier module changed it."


def _on_no_branch(done: Turned) -> Iterator[str]:
    why = "is over 10 MiB or no plain file, so no branch has it"
    for was, now in done.clone.moved:
        yield f"What lay at {was} {why}; it is called {now}."
    for path in done.clone.stayed if done.files == "course" else ():
        yield f"Your {path} {why}; it is in the clone still."


def _origin(led: tuple[str, ...] | None) -> Iterator[str]:
    if led is not None:
        yield f"The clone's origin is the lab's remote again; it was {' and '.join(led) or 'gone'}."
