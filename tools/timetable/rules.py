"""Rules of recurrence: cron expressions on a wall clock, fixed intervals, single times; and when each comes next.

A cron rule means the wall clock of its zone, so "07:00" stays 07:00 when the clocks change. In the two nights a year in
which a time doesn't exist or exists twice, it is as with Debian's cron: what falls into the skipped hour happens once,
at the moment of the change; what falls into the repeated hour happens the first time only, unless the rule says "every
hour", which goes on every hour.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, TypeAdapter

__all__ = ["LEAST_MINUTES", "Cron", "Interval", "Once", "Rule", "instant_of", "rule_of", "shortest_gap", "upcoming"]

LEAST_MINUTES = 5
"""Nothing is scheduled more often than this."""
_LOOK_BACK = timedelta(hours=4)
"""More than any clock was set back at once in this century."""
_WALLS = 24 * 60 // LEAST_MINUTES + 1
"""As many as a day has room for, and one more: the hours and minutes of a cron rule are the same on all its days."""
_LONGEST_WAIT_YEARS = 9
"""29 February may be eight years away."""


class Cron(BaseModel):
    """Five-field cron expressions on the wall clock of a zone; what any of them says counts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["cron"] = "cron"
    expressions: tuple[str, ...] = Field(min_length=1)
    zone: str
    every: int = Field(default=1, ge=1)
    """Only each so many-th day or week, counted from the one of `since`."""
    unit: Literal["day", "week"] = "day"
    since: date | None = None

    def following(self, after: datetime) -> datetime | None:
        """The first time after `after`, in UTC; None when none comes."""
        found = [self._following(expression, after) for expression in self.expressions]
        return min((at for at in found if at is not None), default=None)

    def said(self) -> str:
        """The rule, exactly."""
        counted = f", every {self.every} {self.unit}s from {self.since}" if self.every > 1 else ""
        return f"cron {' or '.join(self.expressions)} in {self.zone}{counted}"

    def walls(self, after: datetime) -> list[datetime]:
        """What the clock on the wall shows at the next few hundred runs."""
        local = after.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)
        found = {wall for expression in self.expressions for wall in islice(_walls(expression, local), _WALLS)}
        return sorted(wall for wall in found if self._counted(wall.date()))

    def _following(self, expression: str, after: datetime) -> datetime | None:
        zone = ZoneInfo(self.zone)
        hourly = expression.split()[1] == "*"
        best: datetime | None = None
        for wall in _walls(expression, after.astimezone(zone).replace(tzinfo=None) - _LOOK_BACK):
            if not self._counted(wall.date()) or (hourly and _skipped(wall, zone)):
                continue
            instants = _instants(wall, zone)
            if best is not None and instants[0] >= best:
                break
            later = [at for at in instants[: 2 if hourly else 1] if at > after]
            best = min([*later, *([best] if best else [])], default=None)
        return best

    def _counted(self, day: date) -> bool:
        if self.every == 1 or self.since is None:
            return True
        days = (day - self.since).days
        if self.unit == "week":
            days = (days + self.since.weekday()) // 7
        return days % self.every == 0


class Interval(BaseModel):
    """Every so many minutes, whatever the clocks on the wall do."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["interval"] = "interval"
    minutes: int = Field(ge=1)
    since: AwareDatetime
    zone: str

    def following(self, after: datetime) -> datetime:
        """The first time after `after`, in UTC."""
        step = timedelta(minutes=self.minutes)
        times = max((after - self.since) // step + 1, 1)
        return (self.since + times * step).astimezone(UTC)

    def said(self) -> str:
        """The rule, exactly."""
        return f"every {self.minutes} minutes"


class Once(BaseModel):
    """A single time."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["once"] = "once"
    at: AwareDatetime
    zone: str

    def following(self, after: datetime) -> datetime | None:
        """The time itself, in UTC, unless it is over."""
        return self.at.astimezone(UTC) if self.at > after else None

    def said(self) -> str:
        """The rule, exactly."""
        return f"once, in {self.zone}"


Rule = Annotated[Cron | Interval | Once, Field(discriminator="kind")]
_RULE: TypeAdapter[Cron | Interval | Once] = TypeAdapter(Rule)


def rule_of(stored: JsonValue) -> Cron | Interval | Once:
    """The rule that was stored as JSON. Raises pydantic's ValidationError."""
    return _RULE.validate_python(stored)


def upcoming(rule: Cron | Interval | Once, after: datetime, count: int) -> list[datetime]:
    """The next `count` times after `after`, in UTC; fewer when the rule ends."""
    found: list[datetime] = []
    while len(found) < count and (at := rule.following(found[-1] if found else after)):
        found.append(at)
    return found


def shortest_gap(rule: Cron | Interval | Once, after: datetime) -> timedelta | None:
    """The shortest time between two runs on the wall clock, as far as some days of runs show it; None without two."""
    if isinstance(rule, Interval):
        return timedelta(minutes=rule.minutes)
    walls = rule.walls(after) if isinstance(rule, Cron) else []
    return min((later - earlier for earlier, later in pairwise(walls)), default=None)


def instant_of(wall: datetime, zone: str) -> datetime:
    """The instant, in UTC, at which a clock in the zone shows this time: the first one if it does so twice.

    A time that is skipped counts as the moment of the change.
    """
    return _instants(wall, ZoneInfo(zone))[0]


def _walls(expression: str, after: datetime) -> Iterator[datetime]:
    from croniter import CroniterBadDateError, croniter

    walls = croniter(expression, after, max_years_between_matches=_LONGEST_WAIT_YEARS)
    while True:
        try:
            yield walls.get_next(datetime)
        except CroniterBadDateError:
            return


def _instants(wall: datetime, zone: ZoneInfo) -> Sequence[datetime]:
    """One instant, or both when the clock shows that time twice. A skipped time gives the moment of the change."""
    first, second = (wall.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    before, after = first.utcoffset() or timedelta(), second.utcoffset() or timedelta()
    if before == after:
        return (first.astimezone(UTC),)
    if before > after:
        return first.astimezone(UTC), second.astimezone(UTC)
    return (_change((wall - after).replace(tzinfo=UTC), (wall - before).replace(tzinfo=UTC), zone),)


def _skipped(wall: datetime, zone: ZoneInfo) -> bool:
    """Whether no clock of the zone ever shows this time."""
    return wall.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) != wall


def _change(earlier: datetime, later: datetime, zone: ZoneInfo) -> datetime:
    """The first instant after `earlier`, up to `later`, at which the zone's offset is that of `later`."""
    final = later.astimezone(zone).utcoffset()
    while later - earlier > timedelta(seconds=1):
        middle = earlier + (later - earlier) // 2
        if middle.astimezone(zone).utcoffset() == final:
            later = middle
        else:
            earlier = middle
    return later.replace(microsecond=0)
