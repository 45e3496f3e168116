"""Whether a line says that something is so, or only mentions the words: in a name, a quotation, a rule, a condition."""

from __future__ import annotations

import re

__all__ = ["states"]

_QUOTED = re.compile(r"""(?<![:=]\s)(?<![:=])(?<!\w)(['"`])(?P<inside>[^'"`]{1,60})\1|“[^”]{1,60}”|„[^“]{1,60}“""")
"""A name or a quotation; the value of a JSON field or of a setting (`error: "…"`) is none."""
_SUPPOSED = re.compile(
    r"\b(?:if|whether|unless|in case|avoid|prevent|must|should|shall|ha[sv]e? to|needs? to|so that)\b",
    re.IGNORECASE,
)
"""Before it in the same clause: a rule or a condition, not what happened."""
_CLAUSE = re.compile(r"[.;:,()]\s")


def states(line: str, begin: int, end: int) -> bool:
    """Whether what stands between two places of a line is said to be so."""
    if _glued(line, begin, end) or any(found.start() < begin and end < found.end() for found in _QUOTED.finditer(line)):
        return False
    clause = _CLAUSE.split(line[:begin])[-1]
    return not _SUPPOSED.search(clause)


def _glued(line: str, begin: int, end: int) -> bool:
    """Part of a longer name: `permission_denied.html`, `quota-service`, `timed-out-jobs`."""
    before, after = line[max(0, begin - 1) : begin], line[end : end + 2]
    return bool(re.match(r"[\w/\-]", before) or re.match(r"[\w/]|[.\-]\w", after))
