"""Folders of which the kernel does not tell every change: another machine may write there."""

from __future__ import annotations

import re
from pathlib import Path

_TABLE = Path("/proc/self/mountinfo")
_ELSEWHERE = re.compile(r"nfs\d?|cifs|smb3|smbfs|9p|v9fs|drvfs|virtiofs|vboxsf|prl_fs|afs|ceph|glusterfs|fuse\..+")


def elsewhere(path: Path, table: Path = _TABLE) -> str | None:
    """The kind of file system that holds `path` where it is one that others write to, else None.

    Format: proc_pid_mountinfo(5), fields 5 (mount point) and the first after ` - ` (type). Where
    there is no such table nothing is known, and None is the answer.
    """
    try:
        lines = table.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    best = ("", "")
    here = path.resolve()
    for line in lines:
        before, _, after = line.partition(" - ")
        fields, kind = before.split(" "), after.partition(" ")[0]
        point = re.sub(r"\\(\d{3})", lambda code: chr(int(code[1], 8)), fields[4]) if len(fields) > 4 else ""
        if point.startswith("/") and len(point) >= len(best[0]) and here.is_relative_to(point):
            best = (point, kind)
    return best[1] if _ELSEWHERE.fullmatch(best[1]) else None
