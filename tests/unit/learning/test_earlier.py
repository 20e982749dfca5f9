"""Files of earlier modules, which a later one leaves."""

import pytest

from grader import course as courses
from labs.learning import earlier
from labs.platform.working_tree import LINK, PLAIN

PATH = "gitops-bootstrap/apps/platform/welcome.yaml"
WELCOME = b"kind: ConfigMap\nmetadata: {name: welcome}\ndata: {owner: nobody}\n"


def test_the_real_course_says_which_files_these_are() -> None:
    course = courses.read()
    assert earlier.files(course, course.modules[1]) == (PATH,)
    assert earlier.files(course, course.modules[0]) == ()


@pytest.mark.parametrize(
    ("now", "stays"),
    [
        ((PLAIN, WELCOME.replace(b"nobody", b"me")), True),
        ((PLAIN, WELCOME), False),
        ((PLAIN, WELCOME + b"---\nkind: ClusterPolicy\nmetadata: {name: p}\n"), False),
        ((PLAIN, b"a: [\n"), False),
        ((LINK, b"/etc/passwd"), False),
        (None, False),
    ],
)
def test_only_what_was_changed_and_is_still_the_same_objects_stays(now: tuple[int, bytes] | None, stays: bool) -> None:
    pushed = {"other.yaml": (PLAIN, b"a: 1")} | ({PATH: now} if now else {})
    found = earlier.carried(pushed, {PATH: (PLAIN, WELCOME)}, [PATH])
    assert found == ({PATH: now} if stays else {})
