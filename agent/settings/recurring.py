"""The schedules that come with Sophia, and how runs of all schedules are handled."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from agent.settings.part import Part, Text

__all__ = ["Schedules"]

OFF = "off"
"""In the place of a time: it isn't done by the clock."""


class Schedules(Part):
    """When the built-in work is done, where it is told, and what happens to missed and unanswered runs.

    A time is anything that `schedule` understands: `every 4 hours`, `every day at 8`, `0 */4 * * *`, or `off`.
    """

    sweep: Text = Field("0 */4 * * *", examples=["every 4 hours"])
    """The competitors' pages."""
    drift: Text = Field("0 */4 * * *", examples=["every 4 hours"])
    """Every stack that is deployed."""
    digest: Text = Field("every day at 8", examples=["every day at 8"])
    """What changed at the competitors within a day."""
    audit: Text = Field("every day at 6", examples=["every day at 6"])
    """Whether the audit log is whole."""
    alert_channel: Text = Field("#competitive-intel", examples=["#competitive-intel"])
    """Where changes are told, at once or in the digest."""
    operations_channel: Text = Field("#ops", examples=["#ops"])
    """Where drift and a damaged audit log are told."""
    quiet: bool = Field(default=True, examples=[True])
    """Say nothing in a channel when there is nothing to say."""
    missed: Literal["once", "skip"] = Field("once", examples=["once"])
    """What was due while nothing ran: run it once, however often it was missed, or skip it."""
    unanswered: int = Field(3, ge=1, le=100, examples=[3])
    """After so many runs in a row that asked and got no answer, a schedule pauses."""

    def times(self) -> dict[str, str]:
        """What of the built-in work is done, and when."""
        told = {"sweep": self.sweep, "drift": self.drift, "digest": self.digest, "audit": self.audit}
        return {name: when for name, when in told.items() if when.casefold() != OFF}
