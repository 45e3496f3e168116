"""What reaches Sophia from Slack: only what Slack signed, each request once, over whichever way, and never in vain."""

from __future__ import annotations

import asyncio
import json
import random
import time
from urllib.parse import urlencode

import aiohttp
import pytest
from slack_sdk.signature import SignatureVerifier

from agent.slack.requests import key_of
from memory.arrivals import Arrivals
from tests.slack.conftest import Office, Opening, buttons
from tests.slack.server import BOT, BOT_USER, SECRET, SlackServer, shown

GENERAL = "C0GENERAL1"
BODY = b'{"type": "event_callback", "event_id": "Ev1", "event": {"type": "message"}}'


async def test_only_what_slack_signed_just_now_is_taken(office: Office) -> None:
    good = str(int(time.time()))
    old, early = str(int(time.time()) - 301), str(int(time.time()) + 390)

    def sign(stamp: str) -> str:
        return str(SignatureVerifier(SECRET).generate_signature(timestamp=stamp, body=BODY.decode()))

    bad: list[tuple[bytes | None, bytes | None]] = [
        (None, None),
        (good.encode(), None),
        (None, sign(good).encode()),
        (good.encode(), b"v0=00"),
        (b"yesterday", sign(good).encode()),
        (b"1e9", sign(good).encode()),
        (f"{good}.0".encode(), sign(good).encode()),
        (b"-" + good.encode(), sign(good).encode()),
        (b"9" * 400, sign(good).encode()),
        ("١٢٣٤".encode(), sign(good).encode()),
        (good.encode(), "v0=ünïcode🔑".encode()),
        (good.encode(), b"v0=\xff\xfe\x80"),
        (old.encode(), sign(old).encode()),
        (early.encode(), sign(early).encode()),
        (good.encode(), sign(good).upper().encode()),
    ]
    for stamp, signature in bad:
        assert await _status(office, stamp, signature) == b"401", (stamp, signature)
    assert await _status(office, good.encode(), sign(good).encode()) == b"200"
    async with aiohttp.ClientSession() as session:
        base = office.slack.events_url.removesuffix("/slack/events")
        for path, expected in {"/health": 200, "/ready": 200, "/slack/events": 405}.items():
            async with session.get(base + path) as answer:
                assert answer.status == expected


@pytest.mark.parametrize("form", [False, True])
async def test_what_is_signed_and_makes_no_sense_is_no_failure_of_ours(office: Office, form: bool) -> None:
    by = {"team": {"id": "T0PAYREADY"}, "user": {"id": "U0ANN00001"}, "trigger_id": "t"}
    events = [
        "x", None, [], {}, {"type": 5}, {"type": "message", "user": "U0ANN00001", "text": "hi"},
        {"type": "message", "channel": 5, "user": 7, "ts": 9}, {"type": "assistant_thread_started"},
        {"type": "message", "subtype": "message_changed", "channel": "C1", "ts": "1.1", "message": "x"},
    ]  # fmt: skip
    pressed = [
        {"type": "block_actions", **by, "actions": actions} for actions in ([], ["x"], "x", [{"action_id": 5}], None)
    ]
    nobody = {"type": "block_actions", "actions": [{"action_id": "sophia_approve"}]}
    dialogs = [
        {"type": "view_submission", **by, "view": view} for view in (None, "x", {}, {"callback_id": "sophia_deny"})
    ]
    told = [{"type": "event_callback", "event_id": "E", "event": event} for event in events]
    bodies = [json.dumps(each) for each in ([*pressed, nobody, *dialogs] if form else told)]
    bodies += ["nonsense", "[1, 2]", "null", "5", "[" * 20_000 + "]" * 20_000]
    raws = [urlencode({"payload": body}) for body in bodies] + ["payload", "command=/sophia"] if form else bodies
    kind = "application/x-www-form-urlencoded" if form else "application/json"
    async with aiohttp.ClientSession() as session:
        for raw in raws:
            stamp = str(int(time.time()))
            signature = str(SignatureVerifier(SECRET).generate_signature(timestamp=stamp, body=raw))
            headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature, "Content-Type": kind}
            async with session.post(office.slack.events_url, data=raw.encode(), headers=headers) as answer:
                assert answer.status in (200, 400), raw
    assert await office.sophia.ports.get(Arrivals).pending() == []


async def _status(office: Office, stamp: bytes | None, signature: bytes | None) -> bytes:
    """Over a bare connection: clients refuse to send some of these bytes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", office.served.port)
    head = [b"POST /slack/events HTTP/1.1", b"Host: localhost", b"Content-Type: application/json; charset=no-such"]
    head += [b"Content-Length: %d" % len(BODY), b"Connection: close"]
    head += [b"X-Slack-Request-Timestamp: " + stamp] if stamp is not None else []
    head += [b"X-Slack-Signature: " + signature] if signature is not None else []
    writer.write(b"\r\n".join(head) + b"\r\n\r\n" + BODY)
    answer = await reader.read()
    writer.close()
    return answer.split(b" ")[1]


async def test_duplicates_and_disorder_start_each_request_once(office: Office) -> None:
    office.plan("read it", ("read_page", {}))
    bodies = []
    for _ in range(3):
        body = office.slack.written("U0ANN00001", f"<@{BOT_USER}> read it", GENERAL)
        mention = {name: value for name, value in body["event"].items() if name != "channel_type"}
        bodies.append((body, office.slack.event({**mention, "type": "app_mention"})))
    deliveries = [each for pair in bodies for each in pair] * 8
    random.Random(7).shuffle(deliveries)
    statuses = await asyncio.gather(*(office.slack.deliver(body) for body in deliveries))
    assert set(statuses) == {200}
    for body, _ in bodies:
        await office.text_of(GENERAL, body["event"]["ts"], "The page says", "done")
        assert len(await office.sophia.turns.latest(_conversation(body["event"]["ts"]))) == 1


def _conversation(thread: str) -> str:
    return f"slack.T0PAYREADY.{GENERAL}.{thread}"


async def test_follow_ups_edits_and_deletions_and_what_is_none_of_ours(office: Office) -> None:
    office.plan("read it", ("read_page", {}))
    office.plan("put cup", ("put", {"name": "cup"}))
    office.plan("put jug", ("put", {"name": "jug"}))
    thread = await office.slack.say("U0ANN00001", f"<@{BOT_USER}> read it")
    await office.text_of(GENERAL, thread, "The page says")
    await office.slack.say("U0ANN00001", "put cup", thread=thread)  # a reply needs no mention
    await office.card(GENERAL, thread)
    request = next(m for m in office.slack.messages[GENERAL] if m["text"] == "put cup")
    edited = {**request, "text": "put jug", "edited": {"user": "U0ANN00001", "ts": "1.2"}}
    await office.slack.deliver(_changed(office, edited, request))
    await office.text_of(GENERAL, thread, "*no longer asked for*", "put jug")
    card = await office.card(GENERAL, thread)
    assert "jug" in shown(card)
    gone = {"type": "message", "subtype": "message_deleted", "channel": GENERAL, "deleted_ts": request["ts"]}
    await office.slack.deliver(office.slack.event({**gone, "previous_message": edited, "ts": "9.9"}))
    text = await office.text_of(GENERAL, thread, "cancelled")
    await office.slack.until(lambda: buttons(office.slack.thread(GENERAL, thread)) is None)
    assert "is there" not in text
    turns = len(await office.sophia.turns.latest(_conversation(thread)))
    assert turns == 3
    arrivals: Arrivals = office.sophia.ports.get(Arrivals)
    for body in (
        office.slack.written("U0ANN00001", "<@U0BOB00001> look at this", GENERAL, thread),
        office.slack.written("U0ANN00001", "read it", GENERAL),  # in the channel, to nobody
        office.slack.written(BOT_USER, f"<@{BOT_USER}> read it", GENERAL, thread, bot_id=BOT),
    ):
        await office.slack.deliver(body)
        assert await arrivals.get(key_of(body, "")) is None  # it isn't even kept
    assert len(await office.sophia.turns.latest(_conversation(thread))) == turns
    assert office.things.times_put("cup") == office.things.times_put("jug") == 0


def _changed(office: Office, now: dict[str, object], before: dict[str, object]) -> dict[str, object]:
    event = {"type": "message", "subtype": "message_changed", "channel": GENERAL, "ts": "8.8"}
    return office.slack.event({**event, "message": now, "previous_message": before})


async def test_commands_direct_messages_and_the_assistant_pane(office: Office) -> None:
    office.plan("read it", ("read_page", {}))
    await office.slack.command("U0ANN00001", "read it")
    await office.slack.until(lambda: "asks: “read it”" in str(office.slack.messages.get(GENERAL)))
    root = office.slack.messages[GENERAL][0]
    await office.text_of(GENERAL, root["ts"], "The page says")
    await office.slack.command("U0ANN00001", "read it", channel="C0OUTSIDE1")  # where Sophia isn't
    direct = office.slack.direct("U0ANN00001")
    await office.slack.until(lambda: "The page says" in str(office.slack.messages.get(direct)))
    pane = {"user_id": "U0ANN00001", "channel_id": direct, "thread_ts": "5.5"}
    await office.slack.deliver(office.slack.event({"type": "assistant_thread_started", "assistant_thread": pane}))
    await office.slack.until(lambda: office.slack.prompts)
    assert "What can you do?" in [each["message"] for each in office.slack.prompts[0]["prompts"]]
    office.plan("put cup", ("put", {"name": "cup"}))
    thread = await office.slack.say("U0ANN00001", "put cup", channel=direct)
    card = await office.card(direct, thread)
    await office.slack.press("U0BOB00001", direct, card, "sophia_approve")
    await office.text_of(direct, thread, "cup is there")
    await office.slack.until(lambda: office.slack.statuses[-1:] != ["is working on it…"])
    thread = await office.slack.say("U0ANN00001", "read it", channel=direct)
    await office.text_of(direct, thread, "The page says")
    turn = (await office.sophia.turns.latest(f"slack.T0PAYREADY.{direct}.{thread}"))[0]
    assert turn.audience == "person:ann"


async def test_the_pane_offers_to_tell_the_channel_beside_it(opening: Opening, slack: SlackServer) -> None:
    pane = {"user_id": "U0ANN00001", "channel_id": slack.direct("U0ANN00001"), "thread_ts": "5.5"}
    beside = {
        "C0OPS00001": "Check development for drift and tell #ops",
        GENERAL: "Check development for drift",  # nobody configured it
        "C0UNKNOWN1": "Check development for drift",
    }
    async with opening(stacks={"development": {"program": "lab:development"}}):
        for number, (channel, offered) in enumerate(beside.items(), 1):
            kind = "assistant_thread_started" if number == 1 else "assistant_thread_context_changed"
            context = {"channel_id": channel, "team_id": "T0PAYREADY"}
            await slack.deliver(slack.event({"type": kind, "assistant_thread": {**pane, "context": context}}))
            await slack.until(lambda number=number: len(slack.prompts) == number)
            assert offered in [each["message"] for each in slack.prompts[-1]["prompts"]]
        elsewhere = {"channel_id": "C0OPS00001", "team_id": "T0ELSEWHERE"}
        event = {"type": "assistant_thread_context_changed", "assistant_thread": {**pane, "context": elsewhere}}
        await slack.deliver(slack.event(event))
        await slack.until(lambda: len(slack.prompts) == 4)
        assert "#ops" not in str(slack.prompts[-1])


async def test_what_nothing_works_on_is_acknowledged(slack: SlackServer, opening: Opening) -> None:
    """Slack sends again what isn't acknowledged, and after many of them nothing any more."""
    by = {"team": {"id": "T0PAYREADY"}, "user": {"id": "U0ANN00001"}, "trigger_id": "t"}
    link = {"type": "block_actions", **by, "actions": [{"action_id": "a_link", "block_id": "b", "type": "button"}]}
    events = ({"type": "tokens_revoked", "tokens": {"bot": []}}, {"type": "app_home_opened"})
    for way in ("http", "socket"):
        slack.events_url = "" if way == "http" else way
        async with opening() as office:
            for event in events:
                assert await slack.deliver(slack.event(event)) == 200
            for body in (link, {"type": "shortcut", "callback_id": "x", **by}):
                assert await slack.deliver(body, form=True) == 200
            arrivals: Arrivals = office.sophia.ports.get(Arrivals)
            assert await arrivals.pending() == []


async def test_who_may_ask_where(office: Office) -> None:
    stranger = await office.slack.say("U0STRANGER", f"<@{BOT_USER}> read it")
    await office.text_of(GENERAL, stranger, "Nobody in the configuration is", "U0STRANGER")
    shared = await office.slack.say("U0ANN00001", f"<@{BOT_USER}> read it", channel="C0SHARED01")
    await office.text_of("C0SHARED01", shared, "shared with another organisation")
    guests = await office.slack.say("U0ANN00001", f"<@{BOT_USER}> read it", channel="C0GUESTS01")
    await office.text_of("C0GUESTS01", guests, "guests in this channel")
    nothing = await office.slack.say("U0ANN00001", f"<@{BOT_USER}>")
    await office.text_of(GENERAL, nothing, "The request is empty")


async def test_unknown_people_read_where_that_is_allowed_and_do_nothing_else(opening: Opening) -> None:
    slack = {"unknown_people_may_read": True}
    async with opening(slack=slack) as office:
        office.plan("read it", ("read_page", {}))
        office.plan("take cup", ("take", {"name": "cup"}))
        office.plan("resume", ("resume_all", {}))
        for request, answer in {"read it": "The page says", "take cup": "R7", "resume": "R7"}.items():
            thread = await office.slack.say("U0STRANGER", f"<@{BOT_USER}> {request}")
            await office.text_of(GENERAL, thread, answer)


async def test_the_same_over_a_socket(slack: SlackServer, opening: Opening) -> None:
    slack.events_url = "socket"
    async with opening() as office:
        office.plan("put cup", ("put", {"name": "cup"}))
        thread = await office.slack.say("U0ANN00001", f"<@{BOT_USER}> put cup")
        card = await office.card(GENERAL, thread)
        await office.slack.press("U0ANN00001", GENERAL, card, "sophia_approve")
        await office.text_of(GENERAL, thread, "cup is there")


async def test_what_was_accepted_before_a_crash_is_worked_on_after_it(opening: Opening) -> None:
    async with opening() as office:
        arrivals: Arrivals = office.sophia.ports.get(Arrivals)
        body = office.slack.written("U0ANN00001", f"<@{BOT_USER}> read it", GENERAL)
        assert office.served.slack is not None
        assert await office.served.slack.desk.accept(body, "v0=x")  # and the process is gone before it worked on it
        assert len(await arrivals.pending()) == 1
    async with opening() as office:
        office.plan("read it", ("read_page", {}))
        await office.text_of(GENERAL, body["event"]["ts"], "The page says")


@pytest.mark.parametrize("how", ["lost", "429", "refuse", "500"])
async def test_nothing_is_lost_and_nothing_doubled_when_slack_falters(office: Office, how: str) -> None:
    office.plan("read it", ("read_page", {}))
    office.plan("tell them", ("notify", {"channel": "#ops", "content": "three & <more>"}))
    for method in ("chat.postMessage", "chat.update"):
        office.slack.fail(method, how)
    thread = await office.slack.say("U0ANN00001", f"<@{BOT_USER}> read it")
    await office.text_of(GENERAL, thread, "The page says", "done")
    assert len(office.slack.thread(GENERAL, thread)) == 2
    office.slack.fail("chat.postMessage", how, times=2)
    thread = await office.slack.say("U0ANN00001", f"<@{BOT_USER}> tell them")
    await office.text_of(GENERAL, thread, "Told #ops", "done")
    told = office.slack.messages["C0OPS00001"]
    assert [shown(message) for message in told] == ["three &amp; &lt;more&gt;"]
