"""From pieces to a rule that comes again: which days, at which times, and in every how many days, weeks or months."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from tools.errors import ToolError
from tools.timetable.pieces import Read
from tools.timetable.rules import Cron, Interval
from tools.timetable.tokens import Clock

__all__ = ["recurrence", "times_of_day"]

_USUAL: Final = {"morning": (9, 0), "lunchtime": (12, 0), "afternoon": (14, 0), "evening": (18, 0), "night": (3, 0)}
"""At night is after midnight, and at 3 because that hour exists on every day in most zones."""
_WITHIN: Final = {
    "morning": range(12),
    "lunchtime": range(11, 15),
    "afternoon": range(12, 19),
    "evening": range(16, 24),
    "night": (*range(18, 24), *range(6)),
}
_DEFAULT: Final = (9, 0)
_DAYS: Final = {
    "second": 1 / 86400, "minute": 1 / 1440, "hour": 1 / 24, "day": 1, "week": 7, "fortnight": 14, "month": 30,
    "quarter": 91, "year": 365,
}  # fmt: skip
_LONGEST_DAYS: Final = 366
Time = tuple[int, int]


def _refused(tried: str, to_do: str) -> ToolError:
    return ToolError(tried, not_done="No schedule was made.", to_do=to_do)


def times_of_day(found: Read) -> list[Time]:
    """The times that were said, with the part of the day taken into account; empty when none was said.

    Raises ToolError when they contradict each other.
    """
    groups, parts = found.all("times"), list(dict.fromkeys(piece.value for piece in found.all("part")))
    if len(groups) > 1:
        raise _refused("That names different times for different days.", "Make one schedule for each of them.")
    if not groups:
        return [_USUAL[part] for part in parts]
    if len(parts) > 1:
        raise _refused("It isn't clear which time is meant.", "Write the times like 07:00 and 19:00.")
    return sorted({_in_part(clock, parts[0] if parts else "") for clock in groups[0].value})


def _in_part(clock: Clock, part: str) -> Time:
    """`7` in the evening is 19:00."""
    hour = clock.hour
    if hour > 23 or clock.minute > 59:
        raise _refused("That is no time of day.", "Times go from 00:00 to 23:59.")
    if not part:
        return hour, clock.minute
    if not clock.exact and hour == 12 and part in ("morning", "night"):
        hour = 0
    if hour not in _WITHIN[part] and not clock.exact:
        hour += 12
    if hour not in _WITHIN[part]:
        raise _refused(f"{clock.hour}:{clock.minute:02} isn't in the {part}.", "Say one or the other.")
    return hour, clock.minute


def recurrence(found: Read, zone: str, now: datetime) -> Cron | Interval:
    """The rule that the pieces make together. Raises ToolError when they don't fit together."""
    return _Recurrence(found, zone, now).rule()


class _Recurrence:
    def __init__(self, found: Read, zone: str, now: datetime) -> None:
        self._found, self._zone, self._now = found, zone, now
        self._days = self._chosen_days()
        self._months = [number for piece in found.all("months") for number in piece.value]
        self._dates = [date for piece in found.all("dates") for date in piece.value]

    def rule(self) -> Cron | Interval:
        count, unit = self._step()
        if count * _DAYS[unit] > _LONGEST_DAYS:
            raise _refused(f"Every {count:g} {unit}s is too rarely.", "Say at most a year.")
        if unit == "second":
            count, unit = count / 60, "minute"
        if unit in ("minute", "hour"):
            return self._within_the_day(count * (60 if unit == "hour" else 1))
        if self._found.one("window") or self._found.one("minute") is not None:
            raise _refused("From when to when goes with “every hour” or “every 15 minutes” only.", "Say at which time.")
        if count != int(count):
            raise _refused(f"Every {count:g} {unit}s is no rule.", "Say a whole number, or the hours.")
        match unit:
            case "day":
                return self._by_days(int(count), "day")
            case "week" | "fortnight":
                return self._by_weeks(int(count) * (2 if unit == "fortnight" else 1))
            case _:
                return self._by_months(int(count) * {"month": 1, "quarter": 3, "year": 12}[unit])

    def _step(self) -> tuple[float, str]:
        """How often; what is finer counts when several are said, as in “every hour of every day”."""
        steps: list[tuple[float, str]] = [piece.value for piece in self._found.all("step")]
        counted = self._found.all("count")
        if counted:
            steps.append(self._of_count(*counted[0].value))
        if not steps:
            monthly = self._found.all("nth") or self._dates or self._found.all("date") or self._months
            return (12.0, "month") if self._found.all("date") else (1.0, "month") if monthly else (1.0, "day")
        order = ["second", "minute", "hour", "day", "week", "fortnight", "month", "quarter", "year"]
        steps.sort(key=lambda step: order.index(step[1]))
        others = [step for step in steps[1:] if step != (1.0, step[1])]
        if others or (len(steps) > 1 and steps[0][1] == steps[1][1]):
            raise _refused("That says twice how often.", "Say it once.")
        return steps[0]

    def _of_count(self, times: int, unit: str) -> tuple[float, str]:
        """`three times a day` needs three times of day; `twice an hour` is every 30 minutes."""
        said = {
            "day": len(times_of_day(self._found)),
            "week": len(self._days or ()),
            "month": len(self._dates),
            "hour": times if times and 60 % times == 0 else 0,
        }.get(unit, 0)
        if unit == "hour" and said:
            return 60 / times, "minute"
        if times not in (1, said):
            raise _refused(f"{times} times a {unit} doesn't say when.", f"Say the {times} times, or “every … hours”.")
        return 1.0, unit

    def _chosen_days(self) -> frozenset[int] | None:
        """Days of the week, 0 for Monday; None for all."""
        said = [piece.value for piece in self._found.all("days")]
        left_out = [piece.value for piece in self._found.all("except")]
        if not said and not left_out:
            return None
        chosen = frozenset().union(*said) if said else frozenset(range(7))
        chosen = chosen.difference(*left_out)
        if not chosen:
            raise _refused("No day of the week is left.", "Leave out fewer days.")
        return chosen

    def _within_the_day(self, minutes: float) -> Cron | Interval:
        if self._found.all("times") or self._dates or self._found.all("nth"):
            raise _refused("A time of day doesn't go with “every so many minutes or hours”.", "Say one or the other.")
        if minutes != int(minutes) or minutes < 1:
            raise _refused(
                "That is too often: nothing is scheduled more often than every 5 minutes.", "Say it less often."
            )
        whole, days = int(minutes), _days_field(self._days)
        restricted = self._days is not None or self._found.one("window") or self._months
        at = self._found.one("minute") or 0
        if (whole < 60 and 60 % whole) or (whole >= 60 and (whole % 60 or 24 % (whole // 60))):
            if restricted or at:
                raise _refused(f"{whole} minutes don't divide a day evenly.", "Take 1, 2, 3, 4, 6, 8 or 12 hours.")
            return Interval(minutes=whole, since=self._now.replace(second=0, microsecond=0), zone=self._zone)
        months = ",".join(map(str, self._months)) or "*"
        return self._cron([f"{time} * {months} {days}" for time in self._hours(whole, at)])

    def _hours(self, minutes: int, at: int) -> list[str]:
        """The minute and hour fields."""
        window = self._found.one("window")
        minute = str(at) if minutes >= 60 else f"*/{minutes}" if minutes > 1 else "*"
        step = minutes // 60 if minutes >= 60 else 1
        if window is None:
            return [f"{minute} {'*' if step == 1 else f'*/{step}'}"]
        first, last = _window(*window)
        if minutes >= 60:
            return [f"{minute} {first}-{last}" + (f"/{step}" if step > 1 else "")]
        return [f"{minute} {first}-{last - 1}", f"0 {last}"]

    def _by_days(self, every: int, unit: str) -> Cron:
        if self._dates or self._found.all("nth") or self._found.all("date"):
            return self._by_months(1)
        months = ",".join(map(str, self._months)) or "*"
        days = _days_field(self._days)
        made = self._cron([f"{time} * {months} {days}" for time in self._times()])
        return self._counted(made, every, unit)

    def _by_weeks(self, every: int) -> Cron:
        if self._days is None:
            self._days = frozenset({0})
        return self._by_days(every, "week")

    def _by_months(self, every: int) -> Cron:
        """On days of the month, or on its first or last Monday."""
        nth = self._found.all("nth")
        if self._days is not None or (nth and self._dates):
            raise _refused("A day of the week and a day of the month don't go together.", "Make two schedules.")
        dates = self._found.all("date")
        if dates:
            fields = [f"{day} {month} *" for month, day in (piece.value for piece in dates)]
        elif nth:
            fields = [f"* {self._month_field(every)} {self._nth()}"]
        else:
            fields = [f"{','.join(self._dates) or '1'} {self._month_field(every)} *"]
        return self._cron([f"{time} {field}" for time in self._times() for field in fields])

    def _nth(self) -> str:
        """`1#1` for the first Monday, `L5` for the last Friday; “every second Monday” could mean two things."""
        said = self._found.all("nth")
        counts, day = said[0].value
        monthly = self._found.all("monthly") or self._found.one("step") == (1.0, "month")
        if len(said) > 1:
            raise _refused("That names several days of the month.", "Make one schedule for each.")
        if said[0].again and not monthly and not {1, -1}.issuperset(counts):
            raise _refused(
                "“Every second Monday” can mean two things.",
                "Say “every other Monday” or “the second Monday of the month”.",
            )
        number = (day + 1) % 7
        return ",".join(f"L{number}" if count < 0 else f"{number}#{count}" for count in counts)

    def _month_field(self, every: int) -> str:
        if self._months:
            return ",".join(map(str, self._months))
        if every == 1:
            return "*"
        if 12 % every:
            raise _refused(f"Every {every} months doesn't divide a year.", "Take 2, 3, 4, 6 or 12, or name the months.")
        return "1" if every == 12 else f"*/{every}"

    def _times(self) -> list[str]:
        """The minute and hour fields for the times of day: one for each minute that is named."""
        by_minute: dict[int, list[int]] = {}
        for hour, minute in times_of_day(self._found) or [_DEFAULT]:
            by_minute.setdefault(minute, []).append(hour)
        return [f"{minute} {','.join(map(str, sorted(hours)))}" for minute, hours in by_minute.items()]

    def _cron(self, expressions: Sequence[str]) -> Cron:
        return Cron(expressions=tuple(expressions), zone=self._zone)

    def _counted(self, rule: Cron, every: int, unit: str) -> Cron:
        """Every other week, counted from the first time that comes."""
        if every == 1:
            return rule
        first = rule.following(self._now)
        since = (first or self._now).astimezone(self._now.tzinfo).date()
        return rule.model_copy(update={"every": every, "unit": unit, "since": since})


def _days_field(days: frozenset[int] | None) -> str:
    """Cron counts from Sunday: 1-5 are Monday to Friday."""
    if days is None or len(days) == 7:
        return "*"
    if days == frozenset(range(5)):
        return "1-5"
    return ",".join(str(number) for number in sorted((day + 1) % 7 for day in days))


def _window(opens: Clock, closes: Clock) -> tuple[int, int]:
    first, last = opens.hour, closes.hour
    if last <= first and not closes.exact and last + 12 > first:
        last += 12
    if opens.minute or closes.minute or not 0 <= first < last <= 23:
        raise _refused("That is no span of hours within a day.", "Say whole hours, such as between 9 and 17.")
    return first, last
