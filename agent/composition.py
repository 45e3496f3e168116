"""The composition root: every part is built here, once, and handed to those whose signatures name it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

from agent.approval_door import ApprovalDoor
from agent.budgets import WebMeter
from agent.clock import SystemClock
from agent.conversation import Conversations
from agent.names import names_of
from agent.outbox import Outbox
from agent.people import People
from agent.people_now import FixedPeople, Roster
from agent.planning.planner import ConversationContext, Planner, Planning, PlanningRequest
from agent.settings import Settings
from agent.sophia import Sophia
from agent.stores import Stores
from agent.turn.events import TurnEvent, TurnEvents
from agent.turn.ports import Ports
from memory import restoring
from memory.approvals import Approvals
from memory.arrivals import Arrivals
from memory.audit import Audit
from memory.database import Database
from memory.grants import Grants
from memory.leases import Leases
from memory.ledger import Ledger
from memory.posts import Posts
from memory.results import Results
from memory.spend import Spend
from memory.switches import Switches
from memory.turns import Turns
from tools.declaration import Clock, Tool
from tools.delivery import Delivered
from tools.permits import Desk, PermitDesk
from tools.registry import discover

if TYPE_CHECKING:
    from agent.driver import Driver
    from agent.turn.reporting import Wording

__all__ = ["open_sophia", "plan_without_effect"]


def database_location(settings: Settings) -> str:
    """The URL that is set, or the file in Sophia's data folder."""
    url = settings.storage.database_url
    return url.get_secret_value() if url else str(settings.home / "sophia.db")


def _positions(settings: Settings) -> str:
    """Where turns' positions are kept: a file of their own, so that they and the database don't wait for each other."""
    url = settings.storage.database_url
    return url.get_secret_value() if url else str(settings.home / "positions.db")


def _makers(
    settings: Settings,
    stores: Stores,
    clock: Clock,
    show: Callable[[Delivered], None],
    tools: Mapping[str, Tool],
    planners: tuple[Planner, Planner],
    people: Roster,
    note: Callable[[TurnEvent], None],
    ports: Callable[[], Ports],
) -> dict[type, Callable[[], Any]]:
    """Every port that a tool may name, and how its one instance is made when it is first needed."""
    from agent.ports import competitor_ports, stack_ports
    from agent.scheduling.ports import schedule_ports
    from agent.slack.ports import slack_ports
    from memory.watches import Watches

    meter = WebMeter(settings.limits, stores.spend, clock, note)
    outbox = Outbox(settings.home / "outbox", stores.ledger, clock, show)
    return {
        **slack_ports(settings, stores.posts, stores.arrivals, stores.switches, stores.ledger, outbox, clock, ports),
        Clock: lambda: clock,
        PermitDesk: lambda: Desk(stores.ledger.redeem),
        Audit: lambda: stores.audit,
        Turns: lambda: stores.turns,
        Results: lambda: stores.results,
        Approvals: lambda: stores.approvals,
        Grants: lambda: stores.grants,
        Watches: lambda: Watches(stores.database, stores.audit),
        Ledger: lambda: stores.ledger,
        Switches: lambda: stores.switches,
        Spend: lambda: stores.spend,
        Leases: lambda: stores.leases,
        Arrivals: lambda: stores.arrivals,
        Posts: lambda: stores.posts,
        **schedule_ports(settings, stores.schedules, tools, planners, people, clock),
        **competitor_ports(settings, stores.database, stores.competitors, stores.ledger, clock, meter, ports),
        **stack_ports(settings, stores.ledger, clock),
    }


def _planners(
    settings: Settings,
    spend: Spend | None,
    clock: Clock,
    planner: Planner | None = None,
    reader: Planner | None = None,
    tell: Callable[[TurnEvent], None] = lambda _: None,
    note: Callable[[TurnEvent], None] = lambda _: None,
) -> tuple[Planner, Planner]:
    """The planner, and the reader that needs no model. They are the same where no model is configured.

    `tell` is told what a model says while it says it, `note` that a budget comes to its end.
    """
    if reader is None:
        from agent.planning.offline import OfflinePlanner

        reader = OfflinePlanner()
    if planner is not None or not settings.model.configured:
        return planner or reader, reader
    from agent.planning.model import Payer, model_planner

    def listener(request: PlanningRequest) -> Callable[[str, str], None]:
        return lambda what, text: tell(TurnEvent(turn=request.turn, kind="planning", text=text, data={"what": what}))

    def near(payer: Payer, sentence: str) -> None:
        note(TurnEvent(turn=payer.turn, kind="budget", text=sentence))

    return model_planner(settings, spend, clock, tell=near, listener=listener), reader


def _wording(settings: Settings, spend: Spend, clock: Clock) -> Wording | None:
    """The model, where it is to word reports; otherwise every sentence is its finding's own."""
    if not (settings.model.configured and settings.model.words_reports):
        return None
    from agent.planning.model import model_writer
    from agent.wording import ModelWording

    return ModelWording(model_writer(settings, spend, clock))


@asynccontextmanager
async def open_sophia(
    settings: Settings,
    *,
    clock: Clock | None = None,
    planner: Planner | None = None,
    reader: Planner | None = None,
    tools: Mapping[str, Tool] | None = None,
    ports: Mapping[type, Callable[[], Any]] | None = None,
    people: Roster | None = None,
) -> AsyncIterator[Sophia]:
    """Open everything, and close it again. What is heavy and may not be needed is made when it is first used.

    Another planner, another reader that vouches for what it plans, other tools and their ports can be handed in; the
    guard, the ledger and the rest stay the same. `people` are those of `settings`, unless somebody sees to it that they
    are those of now.
    """
    clock = clock or SystemClock()
    people = people or FixedPeople(People.of(settings))
    settings.prepare_home()
    restoring.check(settings.home)
    tools = discover() if tools is None else tools
    async with AsyncExitStack() as stack:
        database = await Database.open(database_location(settings))
        stack.push_async_callback(database.close)
        stores = Stores.over(database, settings, clock)
        stack.push_async_callback(stores.audit.settle)
        events = TurnEvents(stores.turns, clock)
        stack.push_async_callback(events.aclose)

        planners = _planners(settings, stores.spend, clock, planner, reader, events.tell, events.note)
        makers = _makers(
            settings, stores, clock, _shown_by(events), tools, planners, people, events.note, lambda: provided
        )
        provided = Ports(makers | dict(ports or {}))
        provided.check(tools)
        stack.push_async_callback(_close, provided)
        driver = await _driver(settings, stores, tools, provided, events, clock, planners, people, stack)
        yield Sophia(
            settings=settings,
            people_now=people,
            tools=tools,
            turns=stores.turns,
            approvals=stores.approvals,
            audit=stores.audit,
            door=ApprovalDoor(approvals=stores.approvals, audit=stores.audit, clock=clock),
            driver=driver,
            events=events,
            ports=provided,
            clock=clock,
        )


def _shown_by(events: TurnEvents) -> Callable[[Delivered], None]:
    """Tell whoever watches what was said in a channel."""

    def show(message: Delivered) -> None:
        events.tell(TurnEvent(turn="", kind="delivered", text=message.content, data={"channel": message.channel}))

    return show


async def _close(ports: Ports) -> None:
    """Close what was made, the last first."""
    for part in reversed(ports.made()):
        close = getattr(part, "aclose", None) or getattr(part, "close", None)
        if close is not None:
            await close()


async def _driver(
    settings: Settings,
    stores: Stores,
    tools: Mapping[str, Tool],
    ports: Ports,
    events: TurnEvents,
    clock: Clock,
    planners: tuple[Planner, Planner],
    people: Roster,
    stack: AsyncExitStack,
) -> Driver:
    from agent.driver import Driver
    from agent.turn.graph import wire
    from agent.turn.stages import Stages
    from memory.checkpoints import open_checkpointer

    for asked in dict.fromkeys(planners):
        close = getattr(asked, "aclose", None)
        if close is not None:
            stack.push_async_callback(close)
    checkpointer = await stack.enter_async_context(open_checkpointer(_positions(settings)))
    stages = Stages(settings, stores, tools, ports, events, clock, people)
    graph = wire(
        plan=stages.plan(*planners),
        prepare=stages.prepare(replanning=planners[0] is not planners[1]),
        approve=stages.approve(),
        execute=stages.execute(replanning=planners[0] is not planners[1]),
        undo=stages.undo(),
        report=stages.report(_wording(settings, stores.spend, clock), planners[1]),
        checkpointer=checkpointer,
    )
    return Driver(
        graph=graph,
        checkpointer=checkpointer,
        turns=stores.turns,
        results=stores.results,
        approvals=stores.approvals,
        drives=stores.drives,
        leases=stores.leases,
        wakes=stores.wakes,
        events=events,
        clock=clock,
    )


async def plan_without_effect(settings: Settings, text: str, thread: str | None) -> Planning:
    """Plan a request and store nothing; with a thread, in the context of its turns."""
    clock = SystemClock()
    planner, _ = _planners(settings, None, clock)
    tools = discover()
    context = await _stored_context(settings, thread, tools, clock) if thread else ConversationContext()
    request = PlanningRequest(
        text=text, now=clock.now(), zone=settings.business.zone, context=context, names=names_of(settings)
    )
    return await planner.plan(request, tools)


async def _stored_context(
    settings: Settings, thread: str, tools: Mapping[str, Tool], clock: Clock
) -> ConversationContext:
    database = await Database.open(database_location(settings))
    try:
        return await Conversations(Turns(database), tools).next_context(thread)
    finally:
        await database.close()
