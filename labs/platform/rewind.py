"""Taking a learner's repository back: what was there goes to a branch of its own, and clone and remote are laid anew.

No hook runs, and no configuration of the learner's repository is followed. What a kill leaves half done is done by the
next call: the branch is written first.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from labs.errors import EnvironmentFault
from labs.platform import git_faults, origin, references, unfinished, working_tree
from labs.platform.clone import FIRST_MESSAGE
from labs.platform.git_objects import AUTHOR, commit_tree, tree
from labs.platform.manifests import BRANCH
from labs.platform.references import HEADS, ref
from labs.platform.working_tree import Files

if TYPE_CHECKING:
    from dulwich.objects import Commit, ObjectID
    from dulwich.repo import Repo

_MAIN = ref(f"refs/heads/{BRANCH}")
_HEAD = re.compile(rb"(ref: refs/heads/\S+|[0-9a-f]{40})\s*\Z")
_NOTE = "labs-kept"
_FETCHED = ref(f"refs/remotes/origin/{BRANCH}")
Moved = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Laid:
    """What was laid: the `head` of `main`. `moved` says what was in the way of a file, and where it is; `stayed` are
    other things in the clone that no branch has (over 10 MiB, or no files); `led` where `origin` led, if elsewhere
    (labs.platform.origin).
    """

    head: str = ""
    moved: Moved = ()
    stayed: tuple[str, ...] = ()
    led: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Both:
    """A lab's clone and remote, opened together."""

    clone: Repo
    remote: Repo
    kept: list[str] = field(default_factory=list)
    """Branches that `keep` made."""

    @classmethod
    @contextmanager
    def opened(cls, clone: Path, remote: Path) -> Iterator[Both]:
        """Both repositories. Raises EnvironmentFault where one of them cannot be read or written."""
        from dulwich.repo import Repo

        kept: list[str] = []
        try:
            with Repo(str(clone)) as ours, Repo(str(remote)) as theirs:
                yield cls(ours, theirs, kept)
        except EnvironmentFault:
            raise
        except Exception as error:  # what a damaged repository makes of its reader has no bounds
            branches = f"Your work is kept on the branch {', '.join(kept)}. " if kept else ""
            advice = git_faults.advice(error, "labs down keeps what can be read of it, and labs up makes a new one.")
            raise EnvironmentFault(
                f"the repository cannot be taken back: {git_faults.reason(error)}",
                where=str(clone),
                advice=branches + advice,
            ) from None

    def start(self) -> Files:
        """What the lab's first commit holds."""
        return working_tree.of_commit(self.clone, self._first().tree)

    def head(self) -> str:
        """The commit of the remote's `main`."""
        return (self._branch(self.remote) or b"").decode()

    def pushed(self) -> Files:
        """What the remote's `main` holds; nothing where it is gone."""
        found = _commit(self.clone, self._fetched())
        return working_tree.of_commit(self.clone, found.tree) if found else {}

    def working(self) -> Files:
        """The files of the clone as they lie there."""
        return working_tree.read(Path(self.clone.path))

    def keep(self, label: str) -> tuple[str, ...]:
        """Puts the learner's work on branches of the clone and returns their names; none where there was none. Those of
        a call before, of which it was not noted that they were `told`, come first.

        `backup/LABEL` is what was checked out, with what was staged and what was not committed as one more commit each;
        `…-main` and `…-remote` are those branches where it does not hold them, `…-autostash` what a rebase or merge put
        away, `…-in-clone/…` and `…-in-remote/…` branches whose names exclude `main`. Where the learner has branches in
        the way of these names, they begin otherwise (labs.platform.references).
        """
        references.mend(self.clone)
        references.mend(self.remote)
        self._mend()
        begins = references.free(self.clone, label)
        kept: dict[str, ObjectID] = {}
        first = self._first().id
        there = {tip: name for name, tip in self._backups().items()}
        for suffix, tip in self._tips().items():
            if tip and tip != first and not any(self._holds(held, tip) for held in kept.values()):
                kept[there.get(tip, f"{begins}{suffix}")] = tip
        self.kept.extend(dict.fromkeys([*self._before(), *kept]))
        self._note().write_text("\n".join(self.kept), errors="surrogateescape")
        for name, tip in kept.items():
            references.put(self.clone, ref(f"{HEADS}{name}"), tip)
        return tuple(self.kept)

    def lay(self, working: Files, commits: Sequence[tuple[Files, str]] = (), label: str = "") -> Laid:
        """Sets both branches `main` to the first commit (with `commits` over it: what each holds, and its message), and
        the clone's files to `working`. What no branch has stays, or is moved beside under the `label`.
        """
        head = self._first().id
        for files, message in commits:
            listing = tree(self.clone, ((path, *file) for path, file in sorted(files.items())))
            head = commit_tree(self.clone, listing, [head], message.encode() + b"\n", int(time.time()))
        self.clone.fetch(self.remote, determine_wants=lambda *_: [head])
        references.put(self.remote, _MAIN, head)
        self._check_out(head)
        root = Path(self.clone.path)
        moved = working_tree.write(root, self.working(), working, label)
        commit = _commit(self.clone, head)
        working_tree.index(self.clone, commit.tree if commit else head, working)
        beside = {now for _, now in moved}
        stayed = tuple(one for one in working_tree.others(root, working) if one not in beside)
        return Laid(head.decode(), moved, stayed, origin.mend(self.clone, Path(self.remote.path)))

    def _check_out(self, head: ObjectID) -> None:
        """Makes `main` the branch that the clone is on, whatever was under way in it."""
        unfinished.end(self.clone)
        references.put(self.clone, _MAIN, head)
        references.put(self.clone, _FETCHED, head)
        self.clone.refs.set_symbolic_ref(ref("HEAD"), _MAIN)

    def _tips(self) -> dict[str, ObjectID | None]:
        """What is to be kept, by the end of its branch's name."""
        found = {"": self._as_it_lies(), "-main": self._branch(self.clone), "-remote": self._fetched()}
        found |= {f"-{name}": tip for name, tip in unfinished.put_away(self.clone).items()}
        for wanted in (_MAIN, _FETCHED):
            found |= {f"-in-clone/{_short(n)}": tip for n, tip in references.in_the_way(self.clone, wanted).items()}
        theirs = references.in_the_way(self.remote, _MAIN)
        self.remote.fetch(self.clone, determine_wants=lambda *_: list(theirs.values()))
        return found | {f"-in-remote/{_short(name)}": tip for name, tip in theirs.items()}

    def _note(self) -> Path:
        """Names the branches that were made until they are told: a call after a kill tells of them too."""
        return Path(self.clone.controldir()) / _NOTE

    def _before(self) -> list[str]:
        """The branches of a call that did not come to its end."""
        note = self._note()
        there = self._backups()
        found = note.read_text(errors="surrogateescape").splitlines() if note.is_file() else []
        return [name for name in found if name in there]

    def _mend(self) -> None:
        """Gives a HEAD that leads nowhere a branch again."""
        path = Path(self.clone.controldir()) / "HEAD"
        if not path.is_file() or not _HEAD.match(path.read_bytes()):
            path.write_bytes(b"ref: " + _MAIN + b"\n")

    def _first(self) -> Commit:
        """The commit that the lab itself began with. Raises EnvironmentFault where neither repository has it."""
        for repository in (self.clone, self.remote):
            for tip in dict.fromkeys(references.tips(repository).values()):
                if found := _root(repository, tip):
                    if repository is self.remote:
                        self.remote.fetch(self.clone, determine_wants=lambda *_: [found.id])
                    return found
        raise EnvironmentFault(
            "the repository's first commit is gone",
            where=str(self.remote.path),
            advice="labs down keeps what is there, and labs up makes a new one.",
        )

    def _as_it_lies(self) -> ObjectID | None:
        """What is checked out, with what was staged and what was not committed over it: the same for the same files."""
        head = _commit(self.clone, _head(self.clone))
        files = self.working()
        head = _commit(self.clone, unfinished.staged(self.clone, head, files)) or head
        listing = tree(self.clone, ((path, *file) for path, file in files.items()))
        if head and head.tree == listing:
            return head.id
        parents = [head.id] if head else []
        return commit_tree(self.clone, listing, parents, b"What was not committed\n", head.commit_time if head else 0)

    def _backups(self) -> dict[str, ObjectID]:
        """The branches that were made here before."""
        branches = {_short(name): tip for name, tip in references.tips(self.clone).items()}
        return {name: tip for name, tip in branches.items() if references.is_backup(name)}

    def _branch(self, repository: Repo) -> ObjectID | None:
        found = _commit(repository, references.tips(repository).get(references.text(_MAIN)))
        return found.id if found else None

    def _fetched(self) -> ObjectID | None:
        tip = self._branch(self.remote)
        if tip:
            self.remote.fetch(self.clone, determine_wants=lambda *_: [tip])
        return tip

    def _holds(self, held: ObjectID, tip: ObjectID) -> bool:
        from dulwich.graph import can_fast_forward

        return can_fast_forward(self.clone, tip, held)


def _short(name: str) -> str:
    """The name of a branch, or of another reference without what all have."""
    return name.removeprefix(HEADS).removeprefix("refs/")


def _head(repository: Repo) -> ObjectID | None:
    from dulwich.refs import SymrefLoop

    try:
        return repository.head()
    except (KeyError, ValueError, SymrefLoop):
        return None


def _commit(repository: Repo, tip: ObjectID | None) -> Commit | None:
    from dulwich.objects import Commit

    found = repository[tip] if tip and tip in repository else None
    return found if isinstance(found, Commit) else None


def _root(repository: Repo, tip: ObjectID) -> Commit | None:
    """The lab's own first commit among the ancestors of a tip."""
    if _commit(repository, tip) is None:
        return None
    roots = (entry.commit for entry in repository.get_walker(include=[tip]) if not entry.commit.parents)
    return next((one for one in roots if (one.author, one.message) == (AUTHOR, FIRST_MESSAGE)), None)


def told(clone: Path) -> None:
    """Notes that all branches that `keep` made have been named."""
    (clone / ".git" / _NOTE).unlink(missing_ok=True)


def overlaid(files: Files, texts: Mapping[str, bytes]) -> Files:
    """Files with others laid over them."""
    return {**files, **{path: (working_tree.PLAIN, content) for path, content in texts.items()}}
