"""Another time for a schedule: `move the morning sweep to 8`, `change s-4 to every 2 hours`."""

from __future__ import annotations

import re
from typing import Final

from agent.planning.offline.drafts import Composition
from agent.planning.offline.recalling import planned
from agent.planning.offline.situation import Situation
from agent.planning.planner import Call

__all__ = ["left_of_retiming", "retimed"]

_ASKED: Final = re.compile(
    r"(?:please |kindly |(?:can|could|would) you (?:please )?|i want you to |let us |let's |now )*"
    r"(?:move|reschedule|re-schedule|shift|change|switch|retime) "
    r"(?:the (?:time|timing|schedule|hour|rule) (?:of|for) )?"
    r"(?P<schedule>(?:schedule |job )?s[-_]\w+"
    r"|(?:(?:the|my|our|that|this) )?(?:[\w'#&.-]+ ){0,5}?"
    r"(?:sweep|check|digest|schedule|job|report|briefing|verification|audit|deploy|deployment|run|preview))s? "
    r"(?:forward |back |over |up )?(?:from (?P<before>.+?) )?(?:to|until|so that it runs|so it runs|to run) "
    r"(?:run )?(?P<when>.+?)(?: (?:instead|please|from now on|thanks|going forward))*[.!?]*",
    re.IGNORECASE,
)
_OF_TIME: Final = re.compile(
    r"\d|every|each|daily|hourly|weekly|monthly|nightly|weekday|weekend|noon|midnight|morning|evening|afternoon|twice"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day",
    re.IGNORECASE,
)
_OTHER: Final = re.compile(
    r"\b(?:and|then|but|if|unless|after|once|don't|not|never)\s+(?!\d|at\b|\w+days?\b)", re.IGNORECASE
)
"""What more the same message asks for: that is read clause by clause."""


_LEFT: Final = re.compile(
    r"(?:move|reschedule|re-schedule|shift|change|switch|retime)\b.*?\bto(?=$|,| and\b| then\b)", re.IGNORECASE
)


def left_of_retiming(request: str) -> bool:
    """Whether a request that lost its time was about a schedule's time: `change the sweep to …, and deploy dev`."""
    return _LEFT.match(request) is not None


def retimed(situation: Situation) -> Composition | None:
    """One step for a message that gives a schedule another time; None for any other message."""
    text = " ".join(situation.read.text.split())
    found = _ASKED.fullmatch(text)
    if found is None or _OTHER.search(text) or not _OF_TIME.search(found["when"]):
        return None
    if "schedule_retime" not in situation.catalogue:
        return None
    schedule = re.sub(r"^(?:the|my|our|that|this|schedule|job) ", "", found["schedule"], flags=re.IGNORECASE)
    return planned([Call(tool="schedule_retime", args={"schedule": schedule, "when": found["when"]})], situation)
