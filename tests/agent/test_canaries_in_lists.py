"""What lists, feeds, job boards and pages say, planted with words to be looked for: people may be told, nobody else is.

The list has columns of a CRM's that nobody asked for and lines that can't be read; the feed breaks off in the middle.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from agent.composition import open_sophia
from agent.settings import load
from agent.watch_lists import handed_in
from tests.agent.model_server import ModelServer, says

PEOPLE = {"ann": {"roles": ["requester", "approver"], "system_users": ["ann"]}}
FILLER = "".join(f"<p>Sentence number {word} says something that stays.</p>" for word in "abcdefgh")
JOB = {"@context": "https://schema.org", "@type": "JobPosting", "title": "Collector canary-job-4f"}
ITEM = "<item><title>Release {} canary-feed-3f</title><link>{}/r</link><description>canary-feed-3f</description></item>"
NOTED = ("canary-crm-1f", "canary-broken-2f", "canary-feed-3f", "canary-job-4f", "canary-page-5f")


@pytest.fixture
def site() -> Iterator[str]:
    visits: dict[str, int] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            visits[self.path] = visits.get(self.path, 0) + 1
            kind, body = page(self.path, visits[self.path], f"http://{self.headers['host']}")
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            """Nothing is said."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def page(path: str, visit: int, origin: str) -> tuple[str, str]:
    html = "<html><title>{0}</title><main><h1>{0}</h1>{1}" + FILLER + "</main></html>"
    if path == "/feed.xml":
        items = "".join(ITEM.format(number, origin) for number in range(visit))
        return "application/rss+xml", f"<rss version='2.0'><channel><title>News</title>{items}" + (
            "</channel></rss>" if visit < 3 else "<canary-feed-3f"
        )
    if path == "/jobs":
        posting = f"<script type='application/ld+json'>{json.dumps(JOB)}</script><li>{JOB['title']} {visit}</li>"
        return "text/html", html.format("Jobs", posting)
    if path == "/pricing":
        return "text/html", html.format("Pricing", f"<h2>Growth canary-page-5f</h2><p>${visit}99 canary-page-5f</p>")
    return "text/plain", ""


def plan(tool: str, **args: object) -> dict[str, Any]:
    return {"id": "s1", "tool": tool, "args": args, "needs": [], "when": None, "why": ""}


PLANS = {
    "watch the list": [plan("competitor_import", file="crm.csv", channel="#ops")],
    "sweep all pages": [plan("competitor_sweep")],
    "what changed at the rival": [plan("competitor_changes")],
    "what do they say of growth": [plan("competitor_recall", question="Growth price")],
}


async def test_what_was_read_is_told_to_people_alone(
    site: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    rows = [f"{site}/{name},{aspect},RealPage,canary-crm-1f owes 5000" for name, aspect in ASPECTS.items()]
    (handed := tmp_path / "crm.csv").write_text(
        "url,aspect,competitor,notes\n" + "\n".join([*rows, "ht!tp://canary-broken-2f,,,", '"canary-broken-2f'])
    )
    said: list[str] = []
    async with ModelServer() as server:
        environ = {"SOPHIA_API_KEY": "sk", "SOPHIA_MODEL": "m", "SOPHIA_BASE_URL": server.url}
        given = {
            "home": str(tmp_path / "home"),
            "people": PEOPLE,
            "competitors": {"RealPage": {"pages": []}},
            "network": {"allowed_private_origins": [site]},
        }
        async with open_sophia(load(directory=tmp_path, environ=environ, overrides=given)) as sophia:
            handed_in(tmp_path / "home", handed)
            ann = sophia.people.get("ann")
            assert ann is not None
            for number, text in enumerate([*PLANS, "sweep all pages", "what changed at the rival"]):
                steps = json.dumps({"kind": "plan", "question": None, "steps": PLANS[text], "on_failure": "stop"})
                server.answers(says(steps))
                turn = await sophia.receive(text, ann, thread=f"c_{number}", surface="terminal", audience="person:ann")
                turn = await sophia.drive(turn.id)
                for asked in await sophia.approvals.of_turn(turn.id):
                    await sophia.decide(asked.id, ann, approve=True)
                turn = await sophia.drive(turn.id)
                said.append((await sophia.report(turn.id)).model_dump_json())
            entries = " ".join(entry.model_dump_json() for entry in await sophia.audit.entries())
        prompts = b"".join(request.body for request in server.received).decode()
    assert "canary-feed-3f" in " ".join(said), "it was read, and people are told"
    for word in NOTED:
        assert word not in prompts
        assert word not in caplog.text
    for word in NOTED[2:]:
        assert word not in entries
    assert "canary-crm-1f" not in entries + " ".join(said), "a column that nobody asked for goes nowhere"


ASPECTS = {"feed.xml": "product_updates", "jobs": "hiring", "pricing": "pricing"}
