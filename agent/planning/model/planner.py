"""The planner that asks a model: one call for the plan, at most one more to repair it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from agent.plan import Problem
from agent.planning.model.briefing import Briefing, brief, names_text
from agent.planning.model.budget import Payer
from agent.planning.model.catalogue import catalogue_text, plan_schema
from agent.planning.model.chat import Answer, AnswerForm, ChatModel
from agent.planning.model.errors import AnswerTruncated, NotAnAnswer
from agent.planning.model.pieces import Listener
from agent.planning.model.reading import Reading, UnreadableError, read_plan
from agent.planning.planner import Planning, PlanningRequest
from prompts.templates import Message, load
from tools.declaration import Tool

__all__ = ["ModelPlanner"]

MAXIMUM_CALLS = 2
"""For one request: the plan and its repair."""
_REMEMBERED_REQUESTS = 200
_FORM = "submit_plan"


@dataclass
class _Course:
    """How planning one request went so far."""

    calls: int = 0
    answer: str = ""
    tokens: int = 0


class ModelPlanner:
    """Plans with a model. What it answers is a proposal: the caller checks it, and people approve its effects."""

    def __init__(self, model: ChatModel, *, listener: Callable[[PlanningRequest], Listener] | None = None) -> None:
        """`listener` is told of pieces of the answer and of waits, for each request."""
        self._model = model
        self._listener = listener
        self._courses: OrderedDict[str, _Course] = OrderedDict()
        self._catalogues: OrderedDict[str, tuple[str, dict[str, Any]]] = OrderedDict()

    @property
    def name(self) -> str:
        """The model's name."""
        return self._model.name

    async def aclose(self) -> None:
        """Close the connections to the model."""
        await self._model.aclose()

    async def plan(
        self, request: PlanningRequest, catalogue: Mapping[str, Tool], problems: Sequence[Problem] = ()
    ) -> Planning:
        """Plan the request; with `problems`, repair the last answer to it.

        An answer that can't be read is repaired here, if the request wasn't repaired yet. Raises NotAnAnswer when no
        call is left, and the other errors of this package.
        """
        briefing = brief(request)
        course = self._course(request, repairing=bool(problems))
        found = list(problems)
        while course.calls < MAXIMUM_CALLS:
            course.calls += 1
            try:
                reading = await self._asked(request, briefing, catalogue, course, found)
            except UnreadableError as error:
                found = list(error.problems)
            except AnswerTruncated:
                if course.calls == MAXIMUM_CALLS:
                    raise
                found = [Problem(step=None, message="it was cut off: answer shorter, with fewer words")]
            else:
                return self._planning(reading, briefing, course)
        raise NotAnAnswer(self.name, found or [Problem(step=None, message="it was repaired once already")])

    def _course(self, request: PlanningRequest, *, repairing: bool) -> _Course:
        """What was asked for this request before; a request without problems starts anew."""
        key = _digest(repr(request))
        if not repairing or key not in self._courses:
            self._courses[key] = _Course(calls=1 if repairing else 0)
        self._courses.move_to_end(key)
        while len(self._courses) > _REMEMBERED_REQUESTS:
            self._courses.popitem(last=False)
        return self._courses[key]

    async def _asked(
        self,
        request: PlanningRequest,
        briefing: Briefing,
        catalogue: Mapping[str, Tool],
        course: _Course,
        problems: Sequence[Problem],
    ) -> Reading:
        """One call, read. Raises UnreadableError."""
        described, schema = self._described(catalogue)
        messages = load("plan").render(
            tools=described,
            names=names_text(request.names),
            context=briefing.context,
            request=briefing.request,
            quoted=briefing.quoted,
        )
        if problems:
            messages += _repair(course.answer, problems)
        listener = self._listener(request) if self._listener else None
        payer = Payer(request.turn or _digest(repr(request)), request.person)
        answer = await self._model.ask(payer, messages, AnswerForm(_FORM, schema), listener)
        course.answer, course.tokens = _said(answer), course.tokens + answer.usage.total
        try:
            return read_plan(answer, catalogue, _FORM)
        except UnreadableError as error:
            if error.formless:
                self._model.distrust(answer.dialect)
            raise

    def _described(self, catalogue: Mapping[str, Tool]) -> tuple[str, dict[str, Any]]:
        key = " ".join(sorted(catalogue))
        if key not in self._catalogues:
            self._catalogues[key] = catalogue_text(catalogue), plan_schema(catalogue)
            while len(self._catalogues) > 8:
                self._catalogues.popitem(last=False)
        return self._catalogues[key]

    def _planning(self, reading: Reading, briefing: Briefing, course: _Course) -> Planning:
        plan = reading.plan
        if plan is not None:
            plan = plan.model_copy(update={"planner": self.name, "label": briefing.label})
        return Planning(
            kind=reading.kind,
            plan=plan,
            question=reading.question,
            pending=reading.pending,
            planner=self.name,
            tokens=course.tokens,
        )


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:32]


def _said(answer: Answer) -> str:
    calls = "\n".join(f"{call.name}({call.arguments})" for call in answer.calls)
    return (calls or answer.text)[:8_000]


def _repair(answer: str, problems: Sequence[Problem]) -> tuple[Message, ...]:
    """The request to mend it. What the model itself wrote is quoted to it like anybody's text."""
    listed = "\n".join(
        f"- {problem.step}: {problem.message[:300]}" if problem.step else f"- {problem.message[:300]}"
        for problem in problems[:20]
    )
    return load("repair").render(answer=answer or "(not kept)", problems=listed)
