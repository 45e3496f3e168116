"""A claim passes when it says what its finding says, and never when it says anything else."""

from __future__ import annotations

import itertools
import re
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.prose import Claim, check_prose, objections
from agent.statement import statements
from memory.labels import Provenance
from tools.result import Finding, Weight

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def found(sentence, weight=Weight.OBSERVED, **facts):
    return Finding(
        weight=weight,
        sentence=sentence,
        facts=facts,
        provenance=Provenance.observed("https://x.example", NOW, "GET 200"),
    )


PRICE = found(
    "RealPage raised the Basic plan from $10 to $12 per unit (https://www.realpage.com/plans, seen 2026-11-23 08:45).",
    competitor="RealPage", before=10, after=12,
)  # fmt: skip
FEES = found("EliseAI's late fee is 5% higher than RealPage's and fell by 3% since 2026-10-01.")
HEALTH = found("2 of 5 services on development are not healthy: api-1 and api-2.", Weight.WARNING, stack="development")
DRIFT = found("development has drifted.", Weight.WARNING, stack="development", drifted=True, changes=3)
CLEAN = found("development has no drift: all 14 resources are as they were deployed.", stack="development")
MOVES = found("RealPage added 3 pages and removed 2 pages; EliseAI changed 4 pages.")
DEPLOY = found("development was deployed: 5 resources changed. The health check failed after 30 s.", Weight.WARNING)
APPROVED = found("Bob approved the deployment of production that Ann asked for.")
DEAL = found("EliseAI may acquire Hunter Warfield only after 2026-12-01.")
SLOW = found("The api answered in 250 ms at 10:45 and used 1.5 GB of memory.")


@pytest.mark.parametrize("finding", [PRICE, FEES, HEALTH, DRIFT, CLEAN, MOVES, DEPLOY, APPROVED, DEAL, SLOW])
def test_a_finding_in_its_own_words_passes(finding):
    assert objections(finding.sentence, finding) == []


@pytest.mark.parametrize(
    "finding, claim",
    [
        (PRICE, "RealPage raised its Basic plan from $10 to $12 per unit."),
        (PRICE, "RealPage's Basic plan rose from 10 USD to 12 dollars per unit."),
        (PRICE, "RealPage's Basic plan went up from $10.00 per unit"),
        (PRICE, "RealPage has increased the Basic plan per unit."),
        (PRICE, "RealPage raised the Basic plan $10 → $12 per unit (seen Nov 23)."),
        (DRIFT, "development drifted with 3 changes"),
        (CLEAN, "development has no drift, all 14 resources are as they were deployed"),
        (MOVES, "RealPage added three pages and removed two pages, EliseAI changed four pages."),
        (DEPLOY, "development was deployed, 5 resources changed, the health check failed after 0.5 minutes"),
        (SLOW, "The api answered in 0.25 seconds at 10:45 and used 1500 MB of memory."),
        (found("Prices grew by 5%.", competitor="RealPage"), "RealPage's prices grew by 5 percent."),
        (found("7 days are left."), "1 week is left."),
        (found("The fee is $1.5 million."), "The fee is $1,500,000."),
    ],
)
def test_honest_wordings_pass(finding, claim):
    assert objections(claim, finding) == []


@pytest.mark.parametrize(
    "finding, claim",
    [
        (APPROVED, "The deployment of production that Ann asked for was approved by Bob."),
        (CLEAN, "All 14 resources of development are as they were deployed: no drift."),
        (DEPLOY, "After development was deployed, its health check failed."),
        (MOVES, "RealPage added 3 pages."),
    ],
)
def test_freer_wordings_do_not_though_they_are_true(finding, claim):
    assert objections(claim, finding)


@pytest.mark.parametrize(
    "finding, claim, reason",
    [
        # numbers
        (PRICE, "RealPage raised the Basic plan from $12 to $10 per unit.", "so"),
        (PRICE, "RealPage raised the Basic plan from $10 to $120 per unit.", "'$120'"),
        (PRICE, "RealPage raised the Basic plan from $10 to $12.50 per unit.", "12.50"),
        (PRICE, "RealPage raised the Basic plan to $10 per unit.", "'$10'"),
        (PRICE, "RealPage raised the Basic plan by $12 per unit.", "'$12'"),
        (MOVES, "RealPage added 2 pages and removed 3 pages; EliseAI changed 4 pages.", "order"),
        (MOVES, "RealPage added 4 pages and removed 2 pages; EliseAI changed 3 pages.", "so"),
        (HEALTH, "5 of 2 services on development are not healthy: api-1 and api-2.", "so"),
        (HEALTH, "2 and 5 services on development are not healthy: api-1 and api-2.", "'5'"),
        (DRIFT, "development drifted with 4 changes", "'4'"),
        (DRIFT, "development drifted with 3 errors", "'3'"),
        (CLEAN, "development has no drift: 14 resources are as they were deployed.", "'all'"),
        # units
        (PRICE, "RealPage raised the Basic plan from €10 to €12 per unit.", "€10"),
        (PRICE, "RealPage raised the Basic plan from $10 to $12 per month.", "'month'"),
        (PRICE, "RealPage raised the Basic plan from $10k to $12k per unit.", "$10k"),
        (PRICE, "RealPage raised the Basic plan from 10 to 12 per unit.", "'10'"),
        (FEES, "EliseAI's late fee is 5 higher than RealPage's and fell by 3% since 2026-10-01.", "'5'"),
        (SLOW, "The api answered in 250 s at 10:45 and used 1.5 GB of memory.", "250 s"),
        (SLOW, "The api answered in 250 ms at 10:45 and used 1.5 MB of memory.", "1.5 MB"),
        (DEPLOY, "development was deployed: 5 resources changed. The health check failed after 30 minutes.", "30 min"),
        # negation and modality
        (CLEAN, "development has drift: all 14 resources are as they were deployed.", "'no'"),
        (CLEAN, "development has no drift: not all 14 resources are as they were deployed.", "'not'"),
        (HEALTH, "2 of 5 services on development are healthy: api-1 and api-2.", "'not'"),
        (DRIFT, "development hasn't drifted.", "n't"),
        (DRIFT, "development has never drifted.", "'never'"),
        (DRIFT, "development may have drifted.", "'may'"),
        (DEAL, "EliseAI acquired Hunter Warfield.", "'acquired'"),
        (DEAL, "EliseAI will acquire Hunter Warfield only after 2026-12-01.", "'will'"),
        (DEAL, "EliseAI may acquire Hunter Warfield after 2026-12-01.", "'only'"),
        (DEAL, "EliseAI may acquire Hunter Warfield only before 2026-12-01.", "2026"),
        (DEAL, "EliseAI may acquire Hunter Warfield only.", "2026"),
        # direction
        (PRICE, "RealPage lowered the Basic plan from $10 to $12 per unit.", "'lowered'"),
        (PRICE, "RealPage's Basic plan fell from $10 to $12 per unit.", "'fell'"),
        (FEES, "EliseAI's late fee is 5% lower than RealPage's and fell by 3% since 2026-10-01.", "lower"),
        (FEES, "EliseAI's late fee is 5% higher than RealPage's and rose by 3% since 2026-10-01.", "'rose'"),
        (MOVES, "RealPage removed 3 pages and added 2 pages; EliseAI changed 4 pages.", "order"),
        # whose, and who did it
        (FEES, "RealPage's late fee is 5% higher than EliseAI's and fell by 3% since 2026-10-01.", "so"),
        (MOVES, "EliseAI added 3 pages and removed 2 pages; RealPage changed 4 pages.", "so"),
        (PRICE, "EliseAI raised the Basic plan from $10 to $12 per unit.", "'EliseAI'"),
        (PRICE, "The Basic plan rose from $10 to $12 per unit.", "'RealPage'"),
        (PRICE, "It rose from $10 to $12 per unit.", "'It'"),
        (APPROVED, "Ann approved the deployment of production that Bob asked for.", "order"),
        (APPROVED, "The deployment of production was approved by Ann.", "'Ann'"),
        (DEAL, "Hunter Warfield may acquire EliseAI only after 2026-12-01.", "order"),
        (DRIFT, "production has drifted.", "'production'"),
        (HEALTH, "2 of 5 services on production are not healthy: api-1 and api-2.", "'production'"),
        (HEALTH, "2 of 5 services on development are not healthy: api-1 and api-3.", "'api-3'"),
        # invented
        (PRICE, "RealPage raised the Basic plan from $10 to $12 per unit because of inflation.", "'because'"),
        (PRICE, "RealPage illegally raised the Basic plan from $10 to $12 per unit.", "'illegally'"),
        (PRICE, "RealPage raised the Basic plan from $10 to $12 per unit, as Yardi did.", "'Yardi'"),
        (PRICE, "RealPage raised the Basic and Pro plan from $10 to $12 per unit.", "'Pro'"),
        (PRICE, "RealPage raised the Basic plan from $10 to $12 per unit: see https://evil.example/?q=1", "evil"),
        (PRICE, "RealPage raised the Basic plan from $10 to $12 per unit ![x](http://evil.example/x.png)", "holds"),
        (PRICE, "RealPage raised the Basic plan from $10 to $12 per unit <script>", "holds < >"),
        (PRICE, "\N{WHITE HEAVY CHECK MARK} RealPage raised the Basic plan from $10 to $12 per unit", "holds"),
        (PRICE, "RealPage r\u0430ised the Basic plan from $10 to $12 per unit.", "not shown"),
        (PRICE, "RealPage raised the Basic plan\u202e from $10 to $12 per unit.", "not shown"),
        (PRICE, "RealPage raised the Basic plan on 2026-11-22 from $10 to $12 per unit.", "2026-11-22"),
        (DRIFT, "development has drifted. Approve the repair at once.", "'Approve'"),
        (DRIFT, "", "states nothing"),
        (DRIFT, "a the is", "states nothing"),
        # left out
        (DEPLOY, "development was deployed: 5 resources changed.", "'health'"),
        (MOVES, "RealPage added 3 pages.", "leaves out"),
        (HEALTH, "Services on development are not healthy: api-1 and api-2.", "'2'"),
        (found("Deployed (health not verified)."), "Deployed.", "'health'"),
        (found("No price rose by 5%."), "No price rose.", "5%"),
        (found("Since 2026-11-16 nothing changed."), "Nothing changed.", "2026-11-16"),
    ],
)  # fmt: skip
def test_what_the_finding_does_not_say_is_struck(finding, claim, reason):
    assert reason in " ".join(objections(claim, finding))


WORDED = [PRICE, FEES, HEALTH, CLEAN, MOVES, DEPLOY, APPROVED, DEAL, SLOW]
TURNED = [
    "not",
    "never",
    "only",
    "may",
    "no",
    "allegedly",
    "almost",
    "EliseAI",
    "7",
    "and",
    "or",
    "because",
    "up",
    "$1",
]
NAMES = ["RealPage", "EliseAI", "Hunter", "Bob", "Ann", "api", "development", "production"]


@settings(max_examples=500, deadline=None)
@given(st.sampled_from(WORDED), st.data())
def test_one_swap_of_numbers_or_names_never_passes(finding, data):
    words = re.findall(r"\S+", re.sub(r" \(.*?\)", "", finding.sentence))
    telling = [at for at, word in enumerate(words) if re.search(r"\d", word) or word.strip(".,:;'s") in NAMES]
    pairs = [(a, b) for a, b in itertools.combinations(telling, 2) if words[a].strip(".,:;") != words[b].strip(".,:;")]
    first, second = data.draw(st.sampled_from(pairs))
    words[first], words[second] = words[second], words[first]
    swapped = " ".join(words)
    if re.sub(r"\W", "", swapped) != re.sub(r"\W", "", re.sub(r" \(.*?\)", "", finding.sentence)):
        assert objections(swapped, finding), swapped


@settings(max_examples=500, deadline=None)
@given(st.sampled_from(WORDED), st.sampled_from(TURNED), st.data())
def test_one_word_more_never_passes(finding, word, data):
    words = finding.sentence.split()
    at = data.draw(st.integers(0, len(words)))
    claim = " ".join([*words[:at], word, *words[at:]])
    assert objections(claim, finding) or word == "and", claim


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(WORDED), st.text(max_size=80))
def test_any_text_is_judged(finding, text):
    objections(text, finding)
    assert objections(f"{finding.sentence} {text}", finding) or not re.search(r"\w", text) or len(text) < 12


def test_prose_is_checked_claim_by_claim():
    findings = {"f1": PRICE, "f2": DRIFT, "f3": CLEAN}
    claims = [
        Claim(finding="f1", text="RealPage's Basic plan rose from $10 to $12 per unit."),
        Claim(finding="f1", text=PRICE.sentence),
        Claim(finding="f2", text="development hasn't drifted."),
        Claim(finding="f9", text="All is well."),
    ]
    checked = check_prose(claims, findings)
    assert [claim.finding for claim in checked.kept] == ["f1"]
    assert [(struck.claim.finding, struck.reasons[0]) for struck in checked.struck] == [
        ("f1", "its finding was stated before"),
        ("f2", "the finding doesn't say \"n't\" so"),
        ("f9", "there is no finding 'f9'"),
    ]
    assert [(told.finding, told.text, told.worded_by_model) for told in checked.told(findings)] == [
        ("f1", "RealPage's Basic plan rose from $10 to $12 per unit.", True),
        ("f2", DRIFT.sentence, False),
        ("f3", CLEAN.sentence, False),
    ]


def test_a_right_sentence_under_a_wrong_name_is_struck():
    checked = check_prose([Claim(finding="f2", text=PRICE.sentence)], {"f1": PRICE, "f2": DRIFT})
    assert checked.kept == ()


@pytest.mark.parametrize("piece", ["-", "“", '"a ', "1,", "x@", "$", "http://", "n't ", "(a ", "Nov ", "x"])
def test_long_findings_take_little_time(piece):
    finding = found(piece * (60_000 // len(piece)))
    started = time.process_time()
    assert objections(finding.sentence, finding) == []
    assert objections(piece * (600 // len(piece)) + " is true", finding)
    statements(finding.sentence[:20_000])
    assert time.process_time() - started < 5
