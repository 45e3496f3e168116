"""Which kinds of change are told at once, and which wait for the digest: sentences of `evals/importance/rubric.md`."""

from __future__ import annotations

import pytest

from tools.detection.comparison import Difference
from tools.detection.facts import typed_facts
from tools.detection.judgement import Item, Judgement
from tools.detection.page import Block, Zone
from tools.detection.prices import price_facts
from tools.detection.significance import Past, Significance, significance
from tools.monitoring.changes import SIGNIFICANT

Pair = tuple[str | None, str | None]


def test_what_is_told_in_millions_is_no_price():
    raised, dearer = (Block(f"We collected ${count} million", "p", Zone.MAIN, "") for count in (120, 140))
    assert price_facts(Difference(raised, dearer)) == []


def weighed(aspect: str, *pairs: Pair, kind: str = "li", past: Past | None = None) -> Significance:
    def block(text: str | None) -> Block | None:
        return Block(text, kind, Zone.MAIN, "") if text else None

    prices = [fact for pair in pairs for fact in price_facts(Difference(*map(block, pair)))]
    priced = {fact.quote for fact in prices}
    others = [(*pair, kind, "") for pair in pairs if (pair[1] or pair[0] or "") not in priced]
    items = [Item(before=before, after=after, kind=kind) for before, after in pairs]
    judgement = Judgement(changed=True, items=items, facts=prices, parts={"share of text": 0.3})
    return significance(aspect, judgement, [*prices, *typed_facts(aspect, others)], past)


@pytest.mark.parametrize(
    "aspect,before,after,because",
    [
        ("pricing", "Growth: $1.50 per unit", "Growth: $1.25 per unit", "a price fell by 16.7 %"),
        ("pricing", "Growth | 150 EUR monthly", "Growth | 165 EUR monthly", "a price rose by 10 %"),
        ("pricing", "Our fee: 30% of what is recovered", "Our fee: 27% of what is recovered", "from 30 to 27 %"),
        ("pricing", "Charged per unit", "Charged per resident", "per resident instead of per unit"),
        ("pricing", "Billed annually", "Billed monthly", "billed monthly instead of annually"),
        ("pricing", "Plus 14-day free trial", None, "is gone"),
        ("pricing", "Postage is borne by us", "Postage is borne by clients", "paid by “clients” instead of “us”"),
        ("features", None, "Repayment plans for former residents", "payment plans, close to the business, comes"),
        ("features", "Yardi | Yes | Yes", None, "Yardi is no longer named"),
        ("product_updates", None, "Texts about past-due rent in Spanish", "delinquency, close to the business"),
        ("product_updates", None, "Resident portal outage, nine hours", "outage"),
        ("product_updates", None, "The kiosk will be discontinued", "discontinued"),
        ("client_wins", None, "Bluegate manages 42,000 apartment homes with us", "a client with 42,000 homes is new"),
        ("client_wins", None, "Now an approved vendor of Entrata", "a partnership with Entrata is new"),
        ("technology", "PCI DSS Level 1", None, "“PCI DSS Level 1” is gone"),
        ("technology", "Runs on Hestia by Brightmoor", "Runs on Calliope by Tenfold", "what it runs on"),
        ("market_share", "1.2 million units", "2 million units", "a size moved by +67%"),
        ("market_share", "Ann Lee | CEO", "Bo Ray | Interim CEO", "the Interim CEO is another"),
        ("market_share", "Licensed in 40 states", "Licensed in 25 states", "licences went from 40 to 25 states"),
        ("market_share", None, "Tessaro joins forces with us", "joins forces"),
        ("job_postings", None, "Vice President, Recovery", "somebody to lead is wanted"),
        ("job_postings", None, "We are not hiring at the moment.", "not hiring"),
    ],
)
def test_what_may_change_a_decision_this_week_is_told_at_once(aspect, before, after, because):
    found = weighed(aspect, (before, after))
    assert found.value >= SIGNIFICANT
    assert because in found.because


@pytest.mark.parametrize(
    "aspect,before,after",
    [
        ("pricing", "Growth: $100 monthly", "Growth: $103 monthly"),
        ("pricing", "Our fee: 30% of what is recovered", "Our fee: 29.5% of what is recovered"),
        ("pricing", "Five seats", "Six seats"),
        ("pricing", None, "Spring offer: $50 off until May 1"),
        ("features", None, "Parking permits by text"),
        ("features", "Repayment plans in minutes", "Set up instalments within minutes"),
        ("product_updates", None, "4.2.1: fixed CSV export of delinquency"),
        ("product_updates", None, "API 1.6 will stop on 1 December"),
        ("product_updates", "Past-due texts", None),
        ("client_wins", None, "Twin Creek, 2,400 units"),
        ("technology", None, "SOC 2 Type II renewed for 2026"),
        ("market_share", "1.2 million units", "1.3 million units"),
        ("market_share", None, "Best place to work, again"),
        ("job_postings", None, "Director of Data"),
        ("job_postings", "We are 38 people", "We are 39 people"),
    ],
)
def test_what_is_small_slow_or_said_in_other_words_waits(aspect, before, after):
    found = weighed(aspect, (before, after), past=Past(0, known=True))
    assert found.value < SIGNIFICANT, found.because


def test_postings_of_any_title_count_where_most_name_a_job():
    titles = ["Call Handler", "Call Handler, evenings", "Supervisor of the desk", "Field Visitor", "Desk Agent"]
    found = weighed("job_postings", *((None, title) for title in titles))
    assert found.value >= SIGNIFICANT
    assert "5 postings opened, 0 closed" in found.because
    assert weighed("job_postings", *((None, title) for title in titles[:3])).value < SIGNIFICANT
