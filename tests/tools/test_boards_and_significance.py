from __future__ import annotations

import json
from datetime import timedelta

import pytest

from tools.detection.fact import Fact
from tools.detection.facts import typed_facts
from tools.detection.judgement import Item, Judgement
from tools.detection.postings import jobs_told
from tools.detection.significance import Past, significance
from tools.monitoring.targets import TargetPage, Targets


def greenhouse(*jobs: tuple[int, str, str, str]) -> str:
    rows = [
        {"id": number, "title": title, "location": {"name": place}, "departments": [{"name": team}], "content": "<p>x"}
        for number, title, team, place in jobs
    ]
    return json.dumps({"jobs": rows, "meta": {"total": len(rows)}})


def lever(*jobs: tuple[int, str, str, str]) -> str:
    rows = [
        {"id": f"l{number}", "text": title, "categories": {"team": team, "location": place}}
        for number, title, team, place in jobs
    ]
    return json.dumps(rows)


def ashby(*jobs: tuple[int, str, str, str]) -> str:
    rows = [
        {"id": f"a{number}", "title": title, "department": team, "location": place}
        for number, title, team, place in jobs
    ]
    return json.dumps({"apiVersion": "1", "jobs": rows})


JOBS = (
    (1, "Data Engineer", "Engineering", "Austin, TX"),
    (2, "Counsel", "Legal", "Remote"),
    (3, "Account Executive", "Sales", "Dallas, TX"),
)


@pytest.mark.parametrize("board", [greenhouse, lever, ashby])
async def test_postings_are_opened_closed_and_changed_by_id(world, site, board):
    site.pages["/jobs"] = board(*JOBS)
    world[Targets].add("Rival", TargetPage(url=site.url("/jobs"), aspect="job_postings", kind="jobs"))
    await world.call("competitor_sweep")
    moved = (1, "Data Engineer", "Engineering", "Denver, CO")
    opened = [(10 + n, f"Account Executive {n}", "Sales", "Houston, TX") for n in range(4)]
    site.pages["/jobs"] = board(moved, JOBS[2], *opened)
    found = await world.call("competitor_sweep")
    (line,) = found.lines
    facts = {(fact["subject"], fact["before"], fact["after"]) for fact in line.facts}
    assert ("Data Engineer", "Engineering · Austin, TX", "Engineering · Denver, CO") in facts
    assert ("Counsel", "Legal · Remote", None) in facts
    assert ("Account Executive 3", None, "Sales · Houston, TX") in facts
    assert len(facts) == 6
    assert line.summary.startswith("4 opened (4 Sales), 1 closed (1 Legal)")
    assert "4 postings opened, 1 closed" in line.because
    site.pages["/jobs"] = board(*reversed([moved, JOBS[2], *opened]))
    assert (await world.call("competitor_sweep")).changes == 0


async def test_a_posting_that_is_renamed_is_told_by_both_titles(world, site):
    site.pages["/jobs"] = greenhouse(*JOBS)
    world[Targets].add("Rival", TargetPage(url=site.url("/jobs"), aspect="job_postings", kind="jobs"))
    await world.call("competitor_sweep")
    site.pages["/jobs"] = greenhouse((1, "Senior Data Engineer", "Engineering", "Austin, TX"), *JOBS[1:])
    (line,) = (await world.call("competitor_sweep")).lines
    assert "Senior Data Engineer changed (Data Engineer → Senior Data Engineer)" in line.summary


async def test_an_entry_of_a_feed_that_is_edited_is_a_change_of_that_entry(world, site):
    def feed(*items: tuple[str, str]) -> str:
        rows = "".join(f"<item><guid>{name}</guid><title>{title}</title></item>" for name, title in items)
        return f"<?xml version='1.0'?><rss version='2.0'><channel><title>News</title>{rows}</channel></rss>"

    site.pages["/feed"] = feed(("a", "Voice for leasing is here"), ("b", "A long year of collecting"))
    world[Targets].add("Rival", TargetPage(url=site.url("/feed"), aspect="product_updates", kind="feed"))
    await world.call("competitor_sweep")
    site.pages["/feed"] = feed(("c", "Something else entirely"), ("a", "We have taken it back"))
    found = await world.call("competitor_sweep")
    (line,) = found.lines
    assert "new: “Something else entirely”" in line.summary
    assert "“Voice for leasing is here” → “We have taken it back”" in line.summary


@pytest.mark.parametrize(
    "aspect,before,after,kind,fact",
    [
        ("job_postings", None, "Senior Data Engineer | Austin", "row", ("job", "Senior Data Engineer")),
        ("product_updates", None, "Version 5.2: voice for move-outs", "h2", ("release", "5.2")),
        ("features", None, "Rent reminders by voice", "h3", ("feature", "Rent reminders by voice")),
        ("client_wins", "Hillside Communities", None, "h3", ("client", "Hillside Communities")),
        ("market_share", None, "Jane Doe joins as Chief Revenue Officer", "p", ("person", "Jane Doe")),
        ("pricing", "Effective: May 1, 2025", "Effective: June 1, 2025", "p", ("date", "Effective")),
        ("pricing", None, "We are here to help you.", "p", None),
    ],
)
def test_what_is_typed_follows_from_text_and_aspect(aspect, before, after, kind, fact):
    found = typed_facts(aspect, [(before, after, kind, "")])
    assert [(item.kind, item.subject) for item in found] == ([fact] if fact else [])
    assert all(item.quote == (after or before) for item in found)


def judged(*items: tuple[str | None, str | None, str], share: float = 0.05) -> Judgement:
    return Judgement(
        changed=True,
        items=[Item(before=before, after=after, kind=kind) for before, after, kind in items],
        parts={"share of text": share},
    )


def price(percent: float) -> Fact:
    way = "rose" if percent > 0 else "fell"
    return Fact(kind="price", subject="Growth", before="$100", after="$x", quote="$x", direction=way, percent=percent)


def test_significance_grows_with_what_happened_and_is_said_in_a_sentence():
    moved = judged(("$100", "$x", "p"))
    values = [significance("pricing", moved, [price(percent)]).value for percent in (2, 12, 40)]
    assert values == sorted(values)
    assert values[1] >= 0.45
    told = significance("pricing", moved, [price(12)], Past(0, known=True)).because
    assert told.startswith("a price rose by 12 %")
    assert "the first change of pricing in 90 days" in told


def test_wording_alone_is_little_and_what_is_usual_is_less():
    worded = judged(("We help operators of housing collect.", "We help operators of housing to collect.", "p"))
    assert significance("features", worded, []).value < 0.2
    release = typed_facts("product_updates", [(None, "Version 4.1.7: bug fixes", "h2", "")])
    usual = significance(
        "product_updates", judged((None, "Version 4.1.7: bug fixes", "h2")), release, Past(9, known=True)
    )
    assert usual.value < 0.3
    bought = judged((None, "Rival acquires Tessaro for $40 million", "h2"))
    assert significance("market_share", bought, []).value >= 0.45


def test_nine_jobs_of_a_team_matter_and_one_does_not():
    def jobs(count: int, title: str = "Account Executive") -> list[Fact]:
        return typed_facts(
            "job_postings", [(None, f"{title} · Sales · Austin, TX", "posting", "") for _ in range(count)]
        )

    assert significance("job_postings", judged(), jobs(9)).value >= 0.45
    assert significance("job_postings", judged(), jobs(1)).value < 0.3
    assert significance("job_postings", judged(), jobs(1, "Vice President of Sales")).value >= 0.45
    assert jobs_told(jobs(9)) == "9 opened (9 Sales)"


async def test_history_makes_what_is_usual_less_significant(world, site, clock):
    def releases(count: int) -> str:
        rows = "".join(f"<h2>Version 4.{n}</h2><p>Now with ability {n * 7919}.</p>" for n in range(count, 0, -1))
        return f"<html><title>Releases</title><main><h1>Releases</h1>{rows}</main></html>"

    site.pages["/releases"] = releases(9)
    world[Targets].add("Rival", TargetPage(url=site.url("/releases"), aspect="product_updates"))
    await world.call("competitor_sweep")
    clock.ahead += timedelta(days=100)
    told = []
    for count in range(10, 18):
        site.pages["/releases"] = releases(count)
        (line,) = (await world.call("competitor_sweep")).lines
        told.append(line)
    assert "the first change of product updates in 90 days" in told[0].because
    assert "one of 8 changes of product updates in 90 days" in told[-1].because
    assert told[-1].significance < told[0].significance


async def test_who_is_hired_is_told_by_team_and_place(world, site):
    site.pages["/jobs"] = greenhouse(*JOBS, (4, "Account Executive II", "Sales", "Dallas, TX"))
    world[Targets].add("Rival", TargetPage(url=site.url("/jobs"), aspect="job_postings", kind="jobs"))
    await world.call("competitor_sweep")
    answer = await world.call("competitor_recall", question="Who is Rival hiring?")
    assert answer.answered
    told = "4 postings are open: 2 Sales, 1 Engineering, 1 Legal; by place: Dallas, TX 2, Austin, TX 1, Remote 1."
    assert told in answer.sentences[0]
    assert len(answer.citations) == len(answer.sentences)
