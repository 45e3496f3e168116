"""The state machine of a turn. This file wires, and nothing more.

    plan → prepare → (approve →) execute → (prepare | plan | undo | report)

`prepare` resolves, guards and previews a wave of ready steps; `execute` takes the permit, calls, verifies and records.
There is a checkpoint before anything that has an effect and before anything that waits. There is none where a stage
goes straight on to one that a crash may well repeat: the first wave is prepared right after planning, which stored the
plan, and the report is written right after the last wave, whose effects are in the ledger, which is read first. Routes
are the return types of the stages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, cast

from langgraph.graph import START, StateGraph
from langgraph.runtime import Runtime
from langgraph.types import Command

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


class Stage(Protocol):
    """A part of a turn: it looks at the state and the turn, and says what changed and where to go on."""

    async def __call__(self, state: TurnState, runtime: Runtime[Turn]) -> Command[Any]:
        """Run the stage."""
        ...


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
    prepared = _straight_on(prepare, "report", report)
    graph.add_node("plan", _straight_on(_straight_on(plan, "prepare", prepared), "report", report))
    graph.add_node("prepare", prepared)
    graph.add_node("approve", approve.__call__)
    graph.add_node("execute", _straight_on(execute, "report", report))
    graph.add_node("undo", _straight_on(undo, "report", report))
    graph.add_node("report", report.__call__)
    graph.add_edge(START, "plan")
    return graph.compile(checkpointer=checkpointer)


def _straight_on(first: Stage, name: str, second: Stage) -> Stage:
    """The first stage, and when it goes to the second, that one at once, without a checkpoint between them."""

    async def both(state: TurnState, runtime: Runtime[Turn]) -> Command[Any]:
        went = await first(state, runtime)
        if went.goto != name:
            return went
        before = cast(TurnState, went.update or {})
        then = await second({**state, **before}, runtime)
        return Command(goto=then.goto, update={**before, **(cast(TurnState, then.update or {}))})

    return both
