"""A Slack workspace on loopback, and a Sophia that serves it over a shelf of things."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from agent.composition import open_sophia
from agent.people import People
from agent.people_now import FixedPeople, Roster
from agent.plan import Plan
from agent.serving.process import Served, serving
from agent.settings import Settings, load
from agent.sophia import Sophia
from tests.slack.server import APP_TOKEN, BOT_TOKEN, SECRET, TEAM, SlackServer
from tools.declaration import Tool
from tools.registry import Registry


def _load() -> ModuleType:
    if "shelf" in sys.modules:
        return sys.modules["shelf"]
    spec = importlib.util.spec_from_file_location("shelf", Path(__file__).parents[1] / "agent" / "shelf.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["shelf"] = module
    spec.loader.exec_module(module)
    return module


shelf = _load()
NO_SCHEDULES = dict.fromkeys(("sweep", "drift", "digest", "audit"), "off")


def settings_for(folder: Path, workspace: SlackServer, database: str = "", **overrides: Any) -> Settings:
    environ = {"SOPHIA_SLACK_BOT_TOKEN": BOT_TOKEN, "SOPHIA_SLACK_SIGNING_SECRET": SECRET}
    if workspace.events_url == "socket":
        environ = {"SOPHIA_SLACK_BOT_TOKEN": BOT_TOKEN, "SOPHIA_SLACK_APP_TOKEN": APP_TOKEN}
    if "://" in database:
        environ["SOPHIA_DATABASE_URL"] = database
    people = {
        "ann": {"roles": ["requester", "approver"], "slack": [{"workspace": TEAM, "user": "U0ANN00001"}]},
        "bob": {"roles": ["requester", "approver"], "slack": [{"workspace": TEAM, "user": "U0BOB00001"}]},
        "cyd": {"roles": ["requester"], "slack": [{"workspace": TEAM, "user": "U0CYD00001"}]},
    }
    given: dict[str, Any] = {
        "home": str(folder / "home"),
        "competitors": {},
        "people": people,
        "slack": {"api_url": f"{workspace.url}/api/"},
        "schedules": NO_SCHEDULES,
        "channels": {"#ops": {"delivery": ["slack"]}},
    }
    more = {**given["slack"], **overrides.pop("slack", {})}
    return load(directory=folder, environ=environ, overrides={**given, **overrides, "slack": more})


@dataclass
class Office:
    """Sophia at work in the workspace."""

    slack: SlackServer
    sophia: Sophia
    served: Served
    things: Any
    plans: dict[str, Plan]
    roster: FixedPeople

    def plan(self, request: str, *steps: Any) -> None:
        """What is planned for a request, and vouched for."""
        self.plans[request] = Plan(steps=shelf.steps(*steps))

    async def text_of(self, channel: str, thread: str, *words: str) -> str:
        """What stands in a thread, as soon as all these words do."""
        await self.slack.until(lambda: all(word in self.slack.text(channel, thread) for word in words))
        return self.slack.text(channel, thread)

    async def card(self, channel: str, thread: str) -> dict[str, Any]:
        """The approval card with buttons in a thread."""
        return dict(await self.slack.until(lambda: buttons(self.slack.thread(channel, thread))))


def buttons(messages: list[dict[str, Any]]) -> dict[str, Any] | None:
    return next((m for m in messages if any(b["type"] == "actions" for b in m.get("blocks", []))), None)


Opening = Callable[..., AbstractAsyncContextManager[Office]]


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    server = SlackServer()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
def opening(tmp_path: Path, slack: SlackServer) -> Opening:
    """Opens a Sophia that serves the workspace, as often as a test wants to."""

    @asynccontextmanager
    async def opened(
        plans: dict[str, Plan] | None = None,
        database: str = "",
        more_tools: Sequence[Tool] = (),
        port: int = 0,
        roster: Callable[[Settings], Roster] | None = None,
        **overrides: Any,
    ) -> AsyncIterator[Office]:
        settings = settings_for(tmp_path, slack, database, **overrides)
        things = shelf.Shelf(tmp_path / "shelf")
        written = {} if plans is None else plans
        planner = shelf.Scripted(written)
        fixed = FixedPeople(People.of(settings))
        async with (
            open_sophia(
                settings,
                planner=planner,
                reader=planner,
                tools=Registry([*shelf.registry().values(), *more_tools]),
                ports={shelf.Shelf: lambda: things},
                people=roster(settings) if roster else fixed,
            ) as sophia,
            serving(sophia, host="127.0.0.1", port=port) as served,
        ):
            if slack.events_url != "socket":
                slack.events_url = f"http://127.0.0.1:{served.port}/slack/events"
            yield Office(slack, sophia, served, things, written, fixed)

    return opened


@pytest.fixture
async def office(opening: Opening) -> AsyncIterator[Office]:
    async with opening() as opened:
        yield opened
