"""What is said when `sophia serve` or `sophia worker` can't start, and that a served process stops and says so."""

from __future__ import annotations

import asyncio
import http.client
import json
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
from slack_sdk.signature import SignatureVerifier
from sqlalchemy import event
from sqlalchemy.engine import Engine

from agent.errors import OperatorMustAct, RequesterMustFix
from agent.serving.dead_letters import dead_letters, retry
from agent.serving.porch import porch
from agent.slack.errors import TokenRefused
from agent.terminal.serving import serve, work
from memory.arrivals import Arrivals
from tests.slack.conftest import Office, Opening
from tests.slack.server import BOT_USER, SECRET, SlackServer

GENERAL = "C0GENERAL1"


async def test_what_is_missing_is_said_where_the_operator_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOPHIA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SOPHIA_SLACK_SIGNING_SECRET", SECRET)
    with pytest.raises(OperatorMustAct, match=r"tokens are missing.*SOPHIA_SLACK_BOT_TOKEN"):
        await serve("127.0.0.1", 0)
    with pytest.raises(OperatorMustAct, match=r"shares a PostgreSQL.*SOPHIA_DATABASE_URL"):
        await work("127.0.0.1", 0)


async def test_a_revoked_token_and_a_taken_port_are_said(opening: Opening, slack: SlackServer) -> None:
    slack.revoked = True
    with pytest.raises(TokenRefused, match=r"revoked.*SOPHIA_SLACK_BOT_TOKEN"):
        async with opening():
            pass
    slack.revoked = False
    with pytest.raises(OperatorMustAct, match=r"can't be listened on.*--port"):
        async with opening(port=int(slack.url.rpartition(":")[2])):
            pass


async def test_slack_may_be_away_when_it_starts(opening: Opening, slack: SlackServer) -> None:
    slack.away = True
    async with opening() as office:
        body = slack.written("U0ANN00001", f"<@{BOT_USER}> read it", GENERAL)
        assert await slack.deliver(body) >= 500  # Slack sends it again
        slack.away = False
        office.plan("read it", ("read_page", {}))
        assert await slack.deliver(body) == 200
        await office.text_of(GENERAL, body["event"]["ts"], "The page says")


async def test_slack_is_answered_while_nothing_else_can_move(office: Office) -> None:
    office.plan("read it", ("read_page", {}))
    body = office.slack.written("U0ANN00001", f"<@{BOT_USER}> read it", GENERAL)
    answers: list[int] = []

    def send() -> None:
        raw, stamp = json.dumps(body), str(int(time.time()))
        signature = str(SignatureVerifier(SECRET).generate_signature(timestamp=stamp, body=raw))
        headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature}
        with closing(http.client.HTTPConnection("127.0.0.1", office.served.port, timeout=60)) as connection:
            connection.request("POST", "/slack/events", raw, headers | {"Content-Type": "application/json"})
            answers.append(connection.getresponse().status)

    sender = threading.Thread(target=send)
    sender.start()
    sender.join()  # the loop that turns run in stands still until Slack has its answer
    assert answers == [200]
    await office.text_of(GENERAL, body["event"]["ts"], "The page says")


async def test_what_cannot_be_worked_on_is_put_aside_and_can_be_retried(office: Office) -> None:
    arrivals: Arrivals = office.sophia.ports.get(Arrivals)
    body = office.slack.written("U0ANN00001", f"<@{BOT_USER}> read it", GENERAL)
    office.plan("read it", ("read_page", {}))
    assert office.served.slack is not None
    desk = office.served.slack.desk
    key = await desk.accept(body, "")
    assert key is not None
    await arrivals.worked(key, office.sophia.clock.now(), "it was tried five times")
    (letter,) = await dead_letters(office.sophia.settings, arrivals)
    assert (letter.id, letter.why) == (key, "it was tried five times")
    await retry(office.sophia.settings, arrivals, key)
    await desk.work(key)
    await office.text_of(GENERAL, body["event"]["ts"], "The page says")
    assert await dead_letters(office.sophia.settings, arrivals) == []
    with pytest.raises(RequesterMustFix, match="--put-aside"):
        await retry(office.sophia.settings, arrivals, "t_nothing:start")


async def test_a_part_that_breaks_takes_the_process_with_it(office: Office) -> None:
    assert await office.served.away() == ""

    async def breaks() -> None:
        raise RuntimeError("a bug")

    task = asyncio.create_task(breaks())
    task.add_done_callback(office.served.watch)
    await office.served.stop.wait()
    assert "a bug" in await office.served.away()


async def test_a_turn_from_elsewhere_is_looked_at_and_left_alone(office: Office) -> None:
    looks: list[str] = []

    def heard(connection: object, cursor: object, statement: str, *more: object) -> None:
        looks.append(statement)

    office.plan("look at cups", ("look", {}))
    ann = office.roster.people.get("ann")
    assert ann is not None
    turn = await office.sophia.receive("look at cups", ann, thread="c_1", surface="terminal", audience="person:ann")
    await office.sophia.drive(turn.id)
    event.listen(Engine, "before_cursor_execute", heard)
    try:
        for _ in range(10):
            await office.slack.pause()
    finally:
        event.remove(Engine, "before_cursor_execute", heard)
    assert len([each for each in looks if "FROM arrivals" in each]) < 25


async def test_what_is_ending_on_the_porch_ends_well() -> None:
    told: list[str] = []
    begun = threading.Event()

    async def work() -> None:
        try:
            begun.set()
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.1)
            told.append("ended well")

    async with porch() as outside:
        task = asyncio.create_task(outside.run(work()))
        await asyncio.to_thread(begun.wait)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert told == ["ended well"]
