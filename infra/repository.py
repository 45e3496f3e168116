"""The git repository that a project lies in, through git's own command line.

A change is offered as a commit on a branch of its own. Nobody's working tree, index or branch is touched, no hook is
run and nothing is pushed.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path

__all__ = ["branch_for", "git", "may_be_offered", "offer", "offered", "uncommitted"]

_SECONDS = 10
_IDENTITY = ("-c", "user.name=Sophia", "-c", "user.email=sophia@localhost")


def git(directory: Path, *arguments: str, index: Path | None = None) -> str | None:
    """What git prints; None when there is no git, no repository, or git refuses."""
    # An index of one's own can be named in the environment alone.
    begin = ("env", f"GIT_INDEX_FILE={index}", "git") if index else ("git",)
    try:
        answer = subprocess.run(
            [*begin, "-C", str(directory), *arguments], capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return answer.stdout if answer.returncode == 0 else None


def branch_for(stack: str, key: str, digest: str) -> str:
    """The name of the branch on which a change of a key is offered; the same change gets the same name."""
    return "sophia/" + re.sub(r"[^A-Za-z0-9]+", "-", f"{stack} {key} {digest[:8]}").strip("-")


def may_be_offered(path: Path) -> bool:
    """Whether a change of the file can be committed by itself: there is a commit to start from, the file isn't ignored,
    and it has no changes of somebody's own that would go along.
    """
    if git(path.parent, "rev-parse", "--verify", "HEAD") is None:
        return False
    if git(path.parent, "check-ignore", "-q", path.name) is not None:
        return False
    untracked = git(path.parent, "ls-files", "--error-unmatch", path.name) is None
    return untracked or not uncommitted(path) or _offered_before(path)


def uncommitted(path: Path) -> bool:
    """Whether the file isn't as the current commit has it, as far as git can tell."""
    return git(path.parent, "status", "--porcelain", "--", path.name) != ""


def _offered_before(path: Path) -> bool:
    """Whether the file's changes are those that were offered earlier and aren't merged yet."""
    branches = git(path.parent, "for-each-ref", "--format=%(refname:short)", "refs/heads/sophia/") or ""
    return any(offered(path, branch) for branch in branches.split())


def offer(path: Path, branch: str, message: str) -> str:
    """Commit the file as it is on a new branch from HEAD; the commit's id, or nothing when git refuses, or when the
    current commit has it so. A branch that is there already isn't moved.
    """
    there = offered(path, branch)
    if there or not uncommitted(path):
        return there
    folder = path.parent
    with tempfile.TemporaryDirectory(prefix="sophia-index-") as scratch:
        index = Path(scratch) / "index"
        blob = git(folder, "hash-object", "-w", path.name)
        where = git(folder, "ls-files", "--full-name", "--cached", "--others", "--", path.name)
        if not blob or not where or git(folder, "read-tree", "HEAD", index=index) is None:
            return ""
        entry = f"100644,{blob.strip()},{where.strip()}"
        if git(folder, "update-index", "--add", "--cacheinfo", entry, index=index) is None:
            return ""
        tree = git(folder, "write-tree", index=index)
    commit = tree and git(folder, *_IDENTITY, "commit-tree", tree.strip(), "-p", "HEAD", "-m", message)
    if not commit or git(folder, "update-ref", f"refs/heads/{branch}", commit.strip(), "0" * 40) is None:
        return ""
    return commit.strip()


def offered(path: Path, branch: str) -> str:
    """The commit on that branch, when the file is there as it is on disk; otherwise nothing."""
    on_branch = git(path.parent, "show", f"{branch}:./{path.name}")
    if on_branch is None or on_branch != path.read_text():
        return ""
    return (git(path.parent, "rev-parse", branch) or "").strip()
