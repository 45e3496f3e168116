"""What people see in Slack, as pictures: every card by a browser, and a number over time by Sophia herself."""

from __future__ import annotations

import struct
from datetime import timedelta
from pathlib import Path

from memory.spend import Kind, Spend
from tests.slack.cards import every_card
from tests.slack.conftest import Opening
from tests.slack.pictures import photograph
from tests.slack.server import BOT_USER
from tools.spend import spend

PNG = b"\x89PNG\r\n\x1a\n"


def size(picture: bytes) -> tuple[int, int]:
    assert picture.startswith(PNG)
    return struct.unpack(">II", picture[16:24])


def test_every_card_can_be_looked_at(tmp_path: Path) -> None:
    pages = every_card()
    for path, page in zip(photograph(pages, tmp_path), pages.values(), strict=True):
        width, height = size(path.read_bytes())
        assert width > 900
        assert height > 150
        assert "not a screenshot" in page
    assert "@bob</span>" in pages["approved"]
    assert "Bob Stone" in pages["delegate"]


async def test_numbers_over_time_come_as_a_picture_once(opening: Opening) -> None:
    async with opening(more_tools=[spend]) as office:
        slack, now = office.slack, office.sophia.clock.now()
        book: Spend = office.sophia.ports.get(Spend)
        office.plan("spend", ("spend", {"since": "7d"}))
        for days in (1, 2):
            await book.record(Kind.MONEY, days, "t_1", "ann", now - timedelta(days=days))
        thread = await slack.say("U0ANN00001", f"<@{BOT_USER}> spend")
        await office.text_of("C0GENERAL1", thread, "$3.00", "done")
        await book.record(Kind.MONEY, 4, "t_1", "ann", now - timedelta(days=3))
        thread = await slack.say("U0ANN00001", f"<@{BOT_USER}> spend")
        await slack.until(lambda: any("title" in file for file in slack.files.values()))
        (file,) = slack.files.values()  # two days are told in a sentence
        assert file["title"].endswith(".png")
        assert size(file["content"])[0] > 600
        posted = next(each for each in slack.messages["C0GENERAL1"] if each.get("files"))
        assert posted["thread_ts"] == thread
