"""Planning without a model: a grammar of requests over the tools' own declarations."""

from __future__ import annotations

from agent.planning.offline.planner import OfflinePlanner

__all__ = ["OfflinePlanner"]
