"""Pages as other sites build them: what moved is found and named, what isn't news stays unsaid."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from tools.detection.fact import Fact
from tools.detection.job import Job, Known, Reading, read
from tools.detection.learning import Learned
from tools.detection.money import prices_in
from tools.detection.page import PageState
from tools.detection.plans import with_plans
from tools.detection.wording import summarise

DAY = datetime(2026, 3, 2, 3, 14, tzinfo=UTC)
PROSE = "".join(
    f"<p>Paragraph {word} tells at some length what operators of housing do with the product from day to day.</p>"
    for word in "abcdef"
)
AUSTIN = {"city": "Austin"}
OFFER = "<h3>Growth</h3><p>$399/mo</p>"


def page(main: str, around: str = "", lang: str = "en") -> bytes:
    return (
        f"<html lang={lang}><head><meta charset=utf-8><title>Rival</title></head><body>{around}"
        f"<div><h1>Rival</h1>{main}{PROSE}</div></body></html>"
    ).encode()


class Watch:
    def __init__(self, aspect: str = "pricing") -> None:
        self.aspect, self.at = aspect, DAY
        self.known: Known | None = None
        self.learned = Learned()

    def see(self, body: bytes) -> Reading:
        self.at += timedelta(hours=24)
        job = Job(
            content_type="text/html",
            status=200,
            at=self.at,
            known=self.known,
            learned=self.learned,
            aspect=self.aspect,
        )
        reading = read(job, body)
        self.learned = reading.learned
        if reading.state is PageState.OK:
            self.known = Known(title=reading.page.title, blocks=list(reading.page.blocks), at=self.at)
        return reading

    def changed(self, body: bytes) -> bool:
        judgement = self.see(body).judgement
        return bool(judgement and judgement.changed)


def judged(aspect: str, before: str, after: str):
    watch = Watch(aspect)
    assert watch.see(page(before)).state is PageState.OK
    judgement = watch.see(page(after)).judgement
    assert judgement is not None
    return judgement


def priced(before: str, after: str) -> list[Fact]:
    judgement = judged("pricing", before, after)
    return list(with_plans("pricing", judgement.facts, judgement.items))


@pytest.mark.parametrize(
    "text,unit,amount",
    [
        ("₩39,000/월", "KRW/month", 39000),
        ("₺1.299,90 / ay", "TRY/month", 1299.90),
        ("NZ$49 per month", "NZD/month", 49),
        ("₹1,20,000 per year", "INR/year", 120000),
        ("1 990 ₽ / мес", "RUB/month", 1990),
        ("12 900 Ft / hó", "HUF/month", 12900),
        ("CHF 1’299.– / Jahr", "CHF/year", 1299),
        ("$1.50/unit/mo", "USD/month/unit", 1.5),
        ("15¢ per text", "USD/piece", 0.15),
        ("399 US dollars a month", "USD/month", 399),
        ("$0.0075 per message", "USD/piece", 0.0075),
    ],
)
def test_a_price_is_read_with_currency_and_period(text, unit, amount):
    (price,) = prices_in(f"ab {text}")
    assert (price.text, price.unit, float(price.amount)) == (text, unit, amount)


@pytest.mark.parametrize(
    "text,prices",
    [
        ("月額¥5,000", ["¥5,000"]),
        ("月額5,000円", ["5,000円"]),
        ("$49$39", ["$49", "$39"]),
        ("US$49US$39", ["US$49", "$39"]),
        ("only$5", ["$5"]),
        ("5€ 10€", ["5€", "10€"]),
        ("10€ 5 users", ["10€"]),
        ("v5$", []),
    ],
)
def test_prices_that_touch_other_words_are_read(text, prices):
    assert [price.text for price in prices_in(text)] == prices


@pytest.mark.parametrize("text", ["try 5 things", "R24.4 of 2026", "in 2026 we grew", "404 homes, 30 users"])
def test_what_is_no_price_is_none(text):
    assert prices_in(text) == []


@pytest.mark.parametrize(
    "before,old,new,words",
    [
        ("<div>$399 / month</div><div>Growth</div><p>For teams of any size.</p><div>$99 / month</div><div>Start</div>",
         "$399", "$449", "Growth plan $399 / month → $449 / month"),
        ("<dl><dt>Starter</dt><dd>49,00 €</dd><dt>Wachstum</dt><dd>1.399,00 €</dd></dl>",
         "1.399", "1.499", "Wachstum plan 1.399,00 € → 1.499,00 €"),
        ("<table><tr><th></th><th>Basic</th><th>Pro</th></tr><tr><td>Monthly</td><td>$10</td><td>$20</td></tr></table>",
         "$20", "$25", "Pro plan $20 → $25"),
        ("<table><tr><th>Plan<th>Term<th>Fee</tr><tr><td rowspan=2>Pro<td>monthly<td>$120</tr><tr><td>yearly<td>$100",
         "$100", "$110", "Pro, yearly plan $100 → $110"),
        ("<h3>Growth</h3><div>$</div><div>399</div><div>per month</div>", "399", "449",
         "Growth plan $399 per month → $449 per month"),
        ("<h3>Growth</h3><p>$39<sup>99</sup> /month</p>", "$39", "$49", "Growth plan $39.99 /month → $49.99 /month"),
        ("<h3>Growth</h3><button>$399/mo</button>", "399", "449", "Growth plan $399/mo → $449/mo"),
        ("<h3>Growth</h3><span aria-hidden=true>$399</span>", "399", "449", "Growth plan $399 → $449"),
        ("<h3>Growth</h3><p>$399/mo</p><p style='display:none'>$349/mo billed yearly</p>", "$349", "$359",
         "Growth plan $349/mo → $359/mo"),
        ("<h3>Growth</h3><p><del>$500</del> $399 per month</p>", "399", "449",
         "Growth plan $399 per month → $449 per month"),
        ("<h3>Growth</h3><p>$399 per month</p>", "$399", "<span class='a line-through'>$399</span> <b>$349</b>",
         "Growth plan $399 per month → $349 per month"),
        ("<p>Dès 49 € par mois — café compris.</p>", "49", "55", "café compris 49 € par mois → 55 € par mois"),
        ("<p>Ab 49 € im Monat für Verwalter.</p>", "49", "55", "für Verwalter 49 € im Monat → 55 € im Monat"),
        ("<h3>Growth</h3><p>Free</p>", "Free", "$19 per month", "Growth plan Free → $19 per month"),
        ("<h3>Growth</h3><p>$399 per month</p>", "$399 per month", "Contact sales",
         "Growth plan $399 per month → Contact sales"),
    ],
)  # fmt: skip
def test_a_price_has_the_name_of_what_it_buys(before, old, new, words):
    assert [fact.words for fact in priced(before, before.replace(old, new))] == [words]


def test_prices_that_are_exchanged_between_plans_are_seen_and_moved_plans_are_none():
    basic, pro = "<h3>Basic</h3><p>$99/mo</p>", "<h3>Pro</h3><p>$399/mo</p>"
    swapped = priced(basic + pro, basic.replace("99", "399", 1) + pro.replace("$399", "$99"))
    assert sorted(fact.words for fact in swapped) == ["Basic plan $99/mo → $399/mo", "Pro plan $399/mo → $99/mo"]
    assert not judged("pricing", basic + pro, pro + basic).changed


def test_a_tick_in_a_table_is_what_the_row_says():
    table = "<table><tr><th></th><th>Basic</th><th>Pro</th></tr><tr><td>SSO</td><td>✗</td><td>✗</td></tr></table>"
    judgement = judged("features", table, table.replace("<td>✗</td></tr>", "<td>✓</td></tr>"))
    assert summarise(judgement) == "SSO, Pro: ✗ → ✓"
    drawn = table.replace("✗", "<img alt='not included' src=n>")
    assert judged(
        "features", drawn, drawn.replace("not included' src=n></td></tr>", "included' src=y></td></tr>")
    ).changed


def test_logos_name_clients_and_a_single_picture_none():
    wall = "<h2>Trusted by</h2><div>{}</div>"
    logos = [
        f"<a href=/{name}><img alt='{name} logo' src=x></a>" for name in ("Alder", "Birch Living", "Cedar", "Dogwood")
    ]
    judgement = judged("client_wins", wall.format("".join(logos[:3])), wall.format("".join(logos)))
    assert [item.after for item in judgement.items] == ["Dogwood"]
    assert not judged("client_wins", "<p>x <img alt='Elm' src=x></p>", "<p>x <img alt='Fir' src=x></p>").changed


@pytest.mark.parametrize("aspect", ["job_postings", "features"])
def test_links_are_what_a_page_of_such_things_says_and_beside_the_text_of_others(aspect):
    links = "<div><a href=/1>Head of Growth</a></div>"
    more = f"{links}<div><a href=/2>Growth Hacker</a></div>"
    assert judged(aspect, links, more).changed
    assert not judged("pricing", links, more).changed


@pytest.mark.parametrize(
    "line",
    [
        "We and our 842 partners store and access information on a device to process personal data.",
        "Wir nutzen Cookies, um Inhalte zu personalisieren.",
        "Nous utilisons des cookies pour améliorer votre expérience.",
        "当サイトではクッキーを使用しています。",
    ],
)
def test_a_banner_without_markup_is_ignored_with_what_stands_around_it(line):
    banner = f"<div><h2>Ihre Wahl</h2><p>{line}</p><table><tr><td>_ga</td><td>Analytics</td></tr></table></div>"
    watch = Watch()
    watch.see(page(OFFER))
    reading = watch.see(page(OFFER.replace("399", "449"), around=banner))
    assert reading.judgement is not None
    assert set(reading.judgement.reasons()) == {"consent banner"}
    assert [item.after for item in reading.judgement.items] == ["$449/mo"]


def test_a_page_about_cookies_is_read():
    rules = "".join(f"<p>Cookies of kind {kind} are kept for a while.</p>" for kind in "abc")
    assert judged("features", rules, f"{rules}<p>Cookies of kind d are kept for a year.</p>").changed


@pytest.mark.parametrize(
    "before,after",
    [
        ("vor 3 Tagen", "vor 4 Tagen"),
        ("il y a 3 jours", "il y a 4 jours"),
        ("3日前", "4日前"),
        ("Posted 29 Days Ago", "Posted 30+ Days Ago"),
        ("over 2 years ago", "almost 3 years ago"),
        ("3d", "4d"),
        ("Dienstag, 3. März 2026", "Mittwoch, 4. März 2026"),
        ("Server time: 03:14:22", "Server time: 03:15:31"),
        ("4.8 (1,203 reviews)", "4.8 (1,219 reviews)"),
        ("Rated 4.7/5 by 2,310 users", "Rated 4.7/5 by 2,325 users"),
        ("Your IP: 203.0.113.7", "Your IP: 203.0.113.91"),
        ("Ref #8a7d-93bf", "Ref #77ac-01de"),
    ],
)
def test_what_only_the_moment_or_the_visitor_makes_is_no_news(before, after):
    assert not judged("pricing", f"{OFFER}<p>{before}</p>", f"{OFFER}<p>{after}</p>").changed


@pytest.mark.parametrize(
    "before,after",
    [
        ("Online payments: $2.95", "Online payments: $3.45"),
        ("10 members", "20 members"),
        ("Up to 510 downloads", "Up to 525 downloads"),
        ("Office hours: 9:00–17:00", "Office hours: 8:00–17:00"),
        ("Refund within 30 days", "Refund within 14 days"),
        ("Reference customers: 120", "Reference customers: 150"),
    ],
)
def test_numbers_that_somebody_sets_are_news(before, after):
    assert judged("pricing", f"<li>{before}</li>", f"<li>{after}</li>").changed


@pytest.mark.parametrize(
    "title,text,state",
    [
        ("Seite nicht gefunden", "Zur Startseite", "soft_404"),
        ("This position has been filled", "See other openings", "soft_404"),
        ("Anmelden", "<input type=password>", "login_wall"),
        ("Robot Check", "Enter the characters you see below", "blocked"),
        ("403 Forbidden", "<h1>Forbidden</h1>", "blocked"),
        ("Sicherheitsprüfung", "Bitte bestätigen Sie, dass Sie ein Mensch sind.", "blocked"),
        ("Wartung", "Wartungsarbeiten: wir sind gleich wieder da.", "error"),
        ("Welcome to nginx!", "If you see this page, the web server works.", "error"),
    ],
)
def test_a_first_capture_that_is_no_page_is_not_taken_for_one(title, text, state):
    body = f"<html><head><title>{title}</title></head><body><h2>{title}</h2><p>{text}</p></body></html>"
    assert Watch().see(body.encode()).state.value == state


def test_short_pages_may_speak_of_what_walls_say():
    main = "<h2>Release 5.2</h2><p>Fixes an unexpected error and adds a CAPTCHA to the form.</p>"
    assert Watch().see(page(main)).state is PageState.OK


def test_a_price_that_moves_step_by_step_is_told_each_time_and_a_block_that_turns_is_not():
    watch, turning = Watch(), Watch()
    watch.see(page(OFFER))
    assert [watch.changed(page(OFFER.replace("399", str(price)))) for price in range(409, 459, 10)] == [True] * 5
    turning.see(page(OFFER))
    seen = [turning.changed(page(f"{OFFER}<blockquote>“Opinion {word}.”</blockquote>")) for word in "abcdefgh"]
    assert seen == [True, True, True, True, False, False, False, False]


@pytest.mark.parametrize(
    "board",
    [
        {"content": [{"id": "7", "name": "Data Engineer", "department": {"label": "Eng"}, "location": AUSTIN}]},
        {"offers": [{"id": 7, "title": "Data Engineer", "department": "Eng", "city": "Austin"}]},
        {"result": [{"id": "7", "jobOpeningName": "Data Engineer", "departmentLabel": "Eng", "location": AUSTIN}]},
        {"data": [{"id": "7", "attributes": {"title": "Data Engineer", "team": "Eng", "location": "Austin"}}]},
        {"jobPostings": [{"externalPath": "7", "title": "Data Engineer", "team": "Eng", "locationsText": "Austin"}]},
        [{"id": "7", "text": "Data Engineer", "categories": {"team": "Eng", "location": "Austin"}}],
        {"results": [{"shortcode": "7", "title": "Data Engineer", "function": "Eng", "locations": [AUSTIN]}]},
    ],
)  # fmt: skip
def test_the_board_of_any_maker_is_read_posting_by_posting(board):
    (block,) = Watch("job_postings").see(json.dumps(board).encode()).page.blocks
    assert (block.text, block.under, block.id) == ("Data Engineer · Eng · Austin", "Eng", "7")


def test_a_feed_in_json_is_read_and_other_data_is_neither_board_nor_feed():
    items = [{"id": "a", "title": "Voice is here"}]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "News", "items": items}
    page = Watch("product_updates").see(json.dumps(feed).encode()).page
    assert [(block.text, block.id) for block in page.blocks] == [("Voice is here", "a")]
    data = {"data": [{"id": 1, "name": "Growth", "price": 399}]}
    assert all(block.kind != "posting" for block in Watch().see(json.dumps(data).encode()).page.blocks)


ITEM = (
    "<div itemscope><b itemprop=name>Growth</b><meta itemprop=priceCurrency content=EUR>"
    "<meta itemprop=price content='399'></div>"
)


def _offer(price: str) -> str:
    offers = [{"@type": "Offer", "name": "Growth", "price": price, "priceCurrency": "USD"}]
    data = json.dumps({"@context": "https://schema.org", "@graph": [{"@type": "Product", "offers": offers}]})
    return f'<h2>Plans</h2><script type="application/ld+json">{data}</script><p>Choose what fits your homes.</p>'


@pytest.mark.parametrize(
    "before,after,told",
    [
        (_offer("399.00"), _offer("449.00"), "Growth plan 399.00 USD → 449.00 USD"),
        (ITEM, "449", "Growth plan 399 EUR → 449 EUR"),
        ("<h3>Growth</h3><span data-price-monthly='399' data-id='7'></span>", "449",
         "“Growth, price monthly: 399” → “Growth, price monthly: 449”"),
    ],
)  # fmt: skip
def test_a_price_that_is_said_to_machines_alone_is_read(before, after, told):
    after = before.replace("399", after) if after.isdigit() else after
    judgement = judged("pricing", before, after)
    assert summarise(judgement, list(with_plans("pricing", judgement.facts, judgement.items))) == told


def test_what_is_said_to_machines_adds_nothing_to_a_price_that_is_seen():
    seen = "<h3>Growth</h3><p>$399 per month</p>"
    assert not Watch("pricing").see(page(_offer("1") + seen)).page.text.endswith("USD")
    assert not judged("pricing", seen + _offer("399"), seen + _offer("449")).changed


def test_an_amount_in_a_feed_is_told_in_the_words_of_its_item():
    def feed(*titles: str) -> bytes:
        items = "".join(f"<item><guid>{title}</guid><title>{title}</title></item>" for title in titles)
        return f"<rss><channel><title>News</title>{items}</channel></rss>".encode()

    watch = Watch("product_updates")
    watch.see(feed("An office in Dallas"))
    judgement = watch.see(feed("Rival buys LeaseHound for $40M", "An office in Dallas")).judgement
    assert judgement is not None
    assert summarise(judgement) == "new: “Rival buys LeaseHound for $40M”"


def test_a_sitemap_is_a_list_of_pages_and_other_data_a_list_of_records():
    def sitemap(*paths: str) -> bytes:
        found = "".join(f"<url><loc>https://rival.example{path}</loc><lastmod>2026</lastmod></url>" for path in paths)
        return f"<?xml version='1.0'?><urlset>{found}</urlset>".encode()

    watch = Watch()
    watch.see(sitemap("/", "/plans"))
    judgement = watch.see(sitemap("/", "/enterprise", "/plans")).judgement
    assert judgement is not None
    assert [item.after for item in judgement.items] == ["https://rival.example/enterprise"]

    def plans(price: int) -> bytes:
        return json.dumps([{"name": "Growth", "price": price, "requestId": str(price * 7)}]).encode()

    data = Watch("pricing")
    assert data.see(plans(399)).page.text == "name: Growth · price: 399"
    judgement = data.see(plans(449)).judgement
    assert judgement is not None
    assert [item.after for item in judgement.items] == ["name: Growth · price: 449"]
    assert not data.changed(json.dumps([{"ts": 1772456400, "price": 449, "name": "Growth"}]).encode())


@pytest.mark.parametrize(
    "title,text",
    [
        ("Before you continue", "We use cookies and similar technologies. Accept or reject them."),
        ("Ihre Privatsphäre", "Wir verwenden Cookies, um Inhalte zu messen."),
    ],
)
def test_a_question_for_consent_that_takes_the_place_of_a_page_is_no_change(title, text):
    watch = Watch("features")
    watch.see(b"<main><h1>Features</h1><p>Disputes are handled by themselves.</p><p>Plans up to 24 months.</p></main>")
    asked = f"<meta charset=utf-8><main><h1>{title}</h1><p>{text}</p><button>OK</button></main>"
    assert watch.see(asked.encode()).state is PageState.BLOCKED
