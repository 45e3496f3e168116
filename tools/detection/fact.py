"""One typed fact that changed, and how it is said."""

from __future__ import annotations

import re

from pydantic import BaseModel, ConfigDict

__all__ = ["SEPARATOR", "Fact"]

SEPARATOR = re.compile(r"\s+[·|]\s+")
"""What stands between the parts of a posting's line."""
_PLAN = re.compile(r"\b(?:plan|tier|package|edition|bundle|suite|licen[cs]e|tarif|offre)\b|プラン", re.IGNORECASE)
_CALLED = {"release": "release ", "feature": "feature ", "client": "client ", "person": ""}
_NUMBERED = re.compile(r"\W*(?:(?:version|release|build|v|ver)\.?\s?)?[rv]?\d+(?:\.\d+)*\b[\s|:–—-]*", re.IGNORECASE)
_LONGEST = 90


class Fact(BaseModel):
    """One typed fact that changed. `quote` stands byte for byte in the newer version, or in the older when it went."""

    model_config = ConfigDict(frozen=True)

    kind: str
    """`price`, `plan` (what has a price has a name), `job`, `release`, `feature`, `client`, `person` or `date`."""
    subject: str
    before: str | None
    after: str | None
    quote: str
    direction: str = ""
    """`rose` or `fell` where that has a meaning."""
    percent: float | None = None
    position: int | None = None
    """Where the quote begins in its version, in letters."""

    @property
    def words(self) -> str:
        """`Growth plan $399 → $449`, `Data Engineer opened (Engineering · Austin)`."""
        if self.kind == "job":
            return self._job()
        subject = f"{self._called} " if self.subject else ""
        if self.before and self.after:
            return f"{subject}{self.before} → {self.after}"
        what = _CALLED.get(self.kind, "")
        if self.kind == "release" and (about := self._about):
            return f"release {self.subject} is new: {about}"
        told = self.after or self.before if self.kind in ("price", "plan") else ""
        return f"{what}{subject}{told + ' ' if told else ''}is {'new' if self.after else 'gone'}"

    @property
    def _called(self) -> str:
        """A plan is called one, unless its name says so: `Growth plan`, `Starter package`."""
        return f"{self.subject} plan" if self.kind == "plan" and not _PLAN.search(self.subject) else self.subject

    @property
    def _about(self) -> str:
        """What a release's heading says besides its number."""
        about = _NUMBERED.sub("", self.after or "", count=1).strip(" |:–—-")
        told = about != self.subject and len(re.findall(r"[^\W\d]{3,}", about)) >= 2
        return about[:_LONGEST] if told else ""

    def _job(self) -> str:
        detail = f" ({self.after or self.before})" if (self.after or self.before) not in ("", self.subject) else ""
        if self.before and self.after:
            return f"{self.subject} changed ({self.before} → {self.after})"
        return f"{self.subject} {'opened' if self.after else 'closed'}{detail}"


_CALLED = {"release": "release ", "feature": "feature ", "client": "client ", "person": ""}
