"""The planner that asks a model: any OpenAI-compatible server, bounded, and never trusted.

The only package that knows `langchain_openai`, `openai` and `httpx2`; they are loaded when a model is first asked.
"""

from __future__ import annotations

from agent.planning.model.budget import Budget, Kind, Payer, SpendingLimits
from agent.planning.model.chat import ChatModel
from agent.planning.model.planner import ModelPlanner

__all__ = ["Budget", "ChatModel", "Kind", "ModelPlanner", "Payer", "SpendingLimits"]
