"""The planner that asks a model: any OpenAI-compatible server, bounded, and never trusted.

The only package that knows `langchain_openai`, `openai` and `httpx2`; they are loaded when a model is first asked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from agent.planning.model.budget import Budget, Kind, Payer, SpendingLimits, SpendStore
from agent.planning.model.chat import ChatModel
from agent.planning.model.pieces import Listener
from agent.planning.model.planner import ModelPlanner
from agent.planning.model.writer import Labelled, ModelWriter
from tools.declaration import Clock

if TYPE_CHECKING:
    from agent.planning.planner import PlanningRequest
    from agent.settings import Settings

__all__ = [
    "Budget",
    "ChatModel",
    "Kind",
    "Labelled",
    "Listener",
    "ModelPlanner",
    "ModelWriter",
    "Payer",
    "SpendingLimits",
    "model_planner",
    "model_writer",
]


def model_planner(
    settings: Settings,
    spend: SpendStore | None,
    clock: Clock,
    *,
    tell: Callable[[Payer, str], None] | None = None,
    listener: Callable[[PlanningRequest], Listener] | None = None,
) -> ModelPlanner:
    """The planner for the configured model, paid from the configured limits. `settings.model.name` must be given."""
    budget = SpendingLimits(settings.limits, clock, spend, note=settings.model.name or "")
    if tell is not None:
        budget.tell = tell
    return ModelPlanner(ChatModel(settings.model, budget), listener=listener)


def model_writer(settings: Settings, spend: SpendStore | None, clock: Clock) -> ModelWriter:
    """The writer for the configured model, paid from the same limits as the planner."""
    budget = SpendingLimits(settings.limits, clock, spend, note=settings.model.name or "")
    return ModelWriter(ChatModel(settings.model, budget))
