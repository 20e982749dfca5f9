"""A collection kept current by list and watch, whatever the server says in between."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from grader.kube import Refusal, Unreachable, follower
from grader.kube.errors import TooMuch
from grader.kube.events import Event, Stream
from grader.kube.follower import POLL, Collection, Follower, Way

PATH = "/apis/kyverno.io/v1/clusterpolicies"
GONE = Refusal(410, "Expired", "too old resource version", where=PATH)
ABSENT = Refusal(404, "NotFound", "the server could not find the requested resource", where=PATH)
FORBIDDEN = Refusal(403, "Forbidden", "may not", where=PATH)
CUT = Unreachable("the connection broke off")


def thing(name: str, version: int = 1) -> dict[str, Any]:
    return {"metadata": {"name": name, "resourceVersion": str(version)}}


@dataclass
class Server:
    """Plays lists and watches in turn; the last of each stays. A watch is the events, then what ends it."""

    lists: list[Any]
    watches: list[Any] = field(default_factory=list)
    lasting: float = 60.0
    silence: float = 0.0
    time: float = 0.0
    asked: list[str] = field(default_factory=list)
    follower: Follower | None = None
    changes: int = 0

    def listed(self, path: str, **_: Any) -> Any:
        self.asked.append(f"list {path.split('/')[2]}")
        found = self.lists.pop(0) if len(self.lists) > 1 else self.lists[0]
        if isinstance(found, Exception):
            raise found
        return tuple(thing(name) for name in found), "10"

    @contextmanager
    def watch(self, path: str, version: str, **_: Any) -> Iterator[Stream]:
        self.asked.append(f"watch {version}")
        found = self.watches.pop(0) if len(self.watches) > 1 else self.watches[0]
        if isinstance(found, Exception):
            raise found
        yield Stream(self._events(found))

    def _events(self, found: list[Any]) -> Iterator[Event]:
        for one in found:
            if isinstance(one, Exception):
                self.time += self.silence
                raise one
            yield one
        self.time += self.lasting

    def changed(self) -> None:
        self.changes += 1

    def follow(self, *paths: str) -> Follower:
        return Follower(self, Collection(paths or (PATH,)), self.changed, now=lambda: self.time)


def names(found: Follower) -> list[str]:
    return [one["metadata"]["name"] for one in found.state.objects]


def test_events_change_what_was_listed() -> None:
    events = [Event("ADDED", thing("b", 11)), Event("MODIFIED", thing("a", 12)), Event("DELETED", thing("b", 13))]
    server = Server([["a"]], [events])
    found = server.follow()
    assert found.step() == 0
    assert found.state.way is Way.WATCHED
    assert found.state.objects == (thing("a", 12),)
    assert server.changes == 4


def test_it_goes_on_where_the_watch_ended_without_listing_again() -> None:
    server = Server([["a"]], [[Event("BOOKMARK", thing("", 40))], []])
    found = server.follow()
    found.step()
    found.step()
    assert server.asked == ["list kyverno.io", "watch 10", "watch 40"]
    assert names(found) == ["a"]


@pytest.mark.parametrize("watch", [GONE, [Event("ADDED", thing("b", 11)), GONE]], ids=["at-once", "in-the-stream"])
def test_a_version_that_is_too_old_means_another_list(watch: Any) -> None:
    server = Server([["a"], ["a", "c"]], [watch, []])
    found = server.follow()
    assert found.step() == 0
    found.step()
    assert server.asked == ["list kyverno.io", "watch 10", "list kyverno.io", "watch 10"]
    assert names(found) == ["a", "c"]


def test_a_server_that_always_says_too_old_is_not_asked_without_end() -> None:
    server = Server([["a"]], [GONE])
    found = server.follow()
    rests = [found.step() for _ in range(6)]
    assert rests[0] == 0
    assert all(rest is not None and rest >= 0.1 for rest in rests[1:])


def test_what_is_not_served_rests_until_it_is_woken() -> None:
    server = Server([ABSENT, ABSENT, ["a"]], [[]])
    found = server.follow()
    assert (found.step(), found.state.way, found.state.objects) == (None, Way.UNSERVED, ())
    found.wake()
    rest = found.step()
    assert rest is not None
    assert rest < 1
    found.step()
    assert (found.state.way, names(found)) == (Way.WATCHED, ["a"])


def test_a_kind_that_stays_away_is_left_alone_again() -> None:
    found = Server([ABSENT]).follow()
    found.wake()
    rests = [found.step() for _ in range(12)]
    assert rests[-1] is None
    assert 10 < sum(rest for rest in rests if rest is not None) < 60


def test_a_kind_that_is_no_longer_served_has_no_objects() -> None:
    server = Server([["a"], ABSENT], [ABSENT])
    found = server.follow()
    found.step()
    found.step()
    assert (found.state.way, found.state.objects, found.state.known) == (Way.UNSERVED, (), True)


def test_the_first_version_that_is_served_counts() -> None:
    server = Server([ABSENT, ["a"]], [[]])
    found = server.follow("/apis/x/v1/things", "/apis/y/v1beta1/things")
    found.step()
    assert server.asked == ["list x", "list y", "watch 10"]


def test_a_cut_watch_goes_on_and_what_is_known_stays() -> None:
    server = Server([["a"]], [[CUT], []])
    found = server.follow()
    rest = found.step()
    assert rest is not None
    assert rest > 0
    assert (names(found), found.state.way) == (["a"], Way.WATCHED)
    found.step()
    assert server.asked == ["list kyverno.io", "watch 10", "watch 10"]


def test_a_server_without_bookmarks_is_asked_again_and_not_called_lost() -> None:
    found = Server([["a"]], [[CUT]], silence=95.0).follow()
    for _ in range(5):
        found.step()
    assert (found.lost, found.state.way) == (False, Way.WATCHED)


def test_a_server_that_is_away_is_told_with_what_was_known() -> None:
    server = Server([["a"]], [CUT])
    found = server.follow()
    rests = [found.step() for _ in range(20)]
    assert found.lost
    assert (names(found), found.state.known, found.state.way) == (["a"], True, Way.BROKEN)
    assert max(rest for rest in rests if rest is not None) <= 5


@pytest.mark.parametrize(
    ("fault", "lost"), [(FORBIDDEN, False), (Refusal(401, "Unauthorized", "no", where=PATH), True), (CUT, True)]
)
def test_a_list_that_fails_is_told(fault: Exception, lost: bool) -> None:
    found = Server([fault]).follow()
    assert found.step()
    assert (found.state.way, found.state.lost, found.state.known) == (Way.BROKEN, lost, False)
    assert found.state.error


def test_where_watching_is_refused_lists_are_read_again_and_again_and_watching_is_tried_later() -> None:
    server = Server([["a"], ["b"]], [FORBIDDEN, []])
    found = server.follow()
    assert found.step() == POLL
    assert (found.state.way, found.state.error) == (Way.POLLED, str(FORBIDDEN))
    assert found.step() == POLL
    assert names(found) == ["b"]
    while found.way is Way.POLLED:
        found.step()
    assert server.asked.count("watch 10") == 2
    assert server.asked.count("list kyverno.io") == 31


def test_watches_that_end_at_once_are_given_up() -> None:
    found = Server([["a"]], [[]], lasting=0.0).follow()
    assert [found.step() for _ in range(3)] == [0, 0, POLL]
    assert found.state.way is Way.POLLED


def test_too_many_objects_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follower, "MAX_OBJECTS", 3)
    server = Server([[]], [[Event("ADDED", thing(str(n), n)) for n in range(9)]])
    found = server.follow()
    assert (found.step() or 0) >= 30
    assert (found.state.way, found.state.objects, found.lost) == (Way.BROKEN, (), False)


def test_too_many_bytes_are_not_kept() -> None:
    server = Server([[]], [[Event("ADDED", thing(str(n), n), 8 << 20) for n in range(9)]])
    found = server.follow()
    found.step()
    assert (found.state.way, found.state.objects) == (Way.BROKEN, ())


def test_a_list_that_is_too_large_is_not_asked_for_all_the_time() -> None:
    found = Server([TooMuch("the list is larger")]).follow()
    assert (found.step() or 0) >= 30
    assert not found.lost


def test_after_its_end_nothing_is_told() -> None:
    server = Server([["a"]], [[]])
    found = server.follow()
    found.stop()
    found.run()
    assert (server.asked, server.changes) == ([], 0)
