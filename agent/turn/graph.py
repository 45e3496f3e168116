"""The state machine of a turn. This file wires, and nothing more.

    plan → prepare → (approve →) execute → (prepare | plan | undo | report)

`prepare` resolves, guards and previews a wave of ready steps; `execute` takes the permit, calls, verifies and records.
These run as one stage each because nothing between them needs to survive a crash by itself: the ledger, which is read
first, does that for effects. Routes are the return types of the stages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from langgraph.graph import END, START, StateGraph

from agent.turn.state import TurnState
from memory.turns import Turn

if TYPE_CHECKING:
    from langgraph.checkpoint.base import BaseCheckpointSaver
    from langgraph.graph.state import CompiledStateGraph

    from agent.turn.approving import AwaitApprovals
    from agent.turn.execution import ExecuteWave
    from agent.turn.planning import PlanTurn
    from agent.turn.preparation import PrepareWave
    from agent.turn.reporting import ReportTurn
    from agent.turn.undoing import UndoDone

__all__ = ["wire"]


def wire(
    *,
    plan: PlanTurn,
    prepare: PrepareWave,
    approve: AwaitApprovals,
    execute: ExecuteWave,
    undo: UndoDone,
    report: ReportTurn,
    checkpointer: BaseCheckpointSaver[Any] | None,
) -> CompiledStateGraph[TurnState, Turn, TurnState, TurnState]:
    """Compile the graph of a turn."""
    graph = StateGraph(TurnState, context_schema=Turn)
    graph.add_node("plan", plan.__call__)
    graph.add_node("prepare", prepare.__call__)
    graph.add_node("approve", approve.__call__)
    graph.add_node("execute", execute.__call__)
    graph.add_node("undo", undo.__call__)
    graph.add_node("report", report.__call__)
    graph.add_edge(START, "plan")
    graph.add_edge("report", END)
    return graph.compile(checkpointer=checkpointer)
