"""Histories of pages that are awkward to watch, as sites outside of the usual have them: for the suite `stream`.

Each is a list of captures: what stands in the page, or another page that took its place, and whether it changed.
Written before the detector was run on them; what it misses stays in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

__all__ = ["histories"]

Capture = tuple[str, bool | None]

_TEXT = {
    "en": "We help operators of housing collect what is owed without losing the people who live there, part {n}.",
    "de": "Wir helfen Verwaltern, offene Mieten einzuziehen, ohne die Bewohner zu verlieren, Abschnitt {n}.",
    "fr": "Nous aidons les gestionnaires à recouvrer les loyers dus sans perdre les résidents, partie {n}.",
    "ja": "入居者との関係を損なわずに未払い家賃を回収するお手伝いをします。詳細はお問い合わせください。その{n}",
}


def _page(main: str, *, title: str = "Pricing", language: str = "en", before: str = "", after: str = "") -> str:
    said = "".join(f"<p>{_TEXT[language].format(n=n)}</p>" for n in range(8))
    return (
        f"<!doctype html><html lang={language}><head><meta charset=utf-8><title>{title} | Rival</title></head><body>"
        f"<header><nav><a href=/>Rival</a></nav></header>{before}<main><h1>{title}</h1>{main}{said}</main>{after}"
        "<footer>© 2026 Rival</footer></body></html>"
    )


def _bare(title: str, body: str) -> str:
    return f"<!doctype html><html><head><meta charset=utf-8><title>{title}</title></head><body>{body}</body></html>"


def _among(walls: Sequence[str], pages: Sequence[Capture]) -> Iterator[Capture]:
    """The pages with a wall after every second, which is no change, and neither is the page's return."""
    for number, (html, changed) in enumerate(pages):
        yield html, changed
        if number % 2:
            yield walls[number // 2 % len(walls)], False
            yield html, False


def _german_cookie_wall() -> Iterator[Capture]:
    def page(price: str) -> str:
        return _page(f"<h2>Wachstum</h2><p>{price} pro Monat</p>", title="Preise", language="de")

    wall = _bare(
        "Bevor Sie fortfahren",
        "<h1>Bevor Sie fortfahren</h1><p>Wir verwenden Cookies und Daten, um unsere Dienste bereitzustellen und die"
        " Reichweite zu messen. Wenn Sie alle akzeptieren, zeigen wir auch personalisierte Inhalte.</p>"
        "<button>Alle akzeptieren</button><button>Ablehnen</button>",
    )
    old, new = page("399 €"), page("449 €")
    yield from _among([wall], [(old, False), (old, False), (old, False), (new, True), (new, False), (new, False)])


def _french_login() -> Iterator[Capture]:
    def page(price: str, day: str) -> str:
        return _page(
            f"<h2>Croissance</h2><p>{price} par mois</p><p>Dernière mise à jour : {day} 2026</p>",
            title="Tarifs",
            language="fr",
        )

    wall = _bare(
        "Connexion",
        "<h1>Connexion</h1><form><input type=email><input type=password><button>Se connecter</button></form>",
    )
    pages = [
        (page("1 299 €", "3 mai"), False),
        (page("1 299 €", "4 mai"), False),
        (page("1 299 €", "9 juin"), False),
        (page("1 399 €", "9 juin"), True),
        (page("1 399 €", "12 juin"), False),
    ]
    yield from _among([wall], pages)


def _japanese_prices() -> Iterator[Capture]:
    def page(price: str, day: str, plans: str = "") -> str:
        return _page(
            f"<h2>標準プラン</h2><p>月額{price}円</p>{plans}<p>最終更新日 2026年{day}</p>", title="料金", language="ja"
        )

    new = "<h2>大規模プラン</h2><p>月額98,000円</p>"
    yield page("12,000", "3月1日"), False
    yield page("12,000", "3月2日"), False
    yield page("15,000", "3月2日"), True
    yield page("15,000", "4月8日"), False
    yield page("15,000", "4月8日", new), True
    yield page("15,000", "4月9日", new), False


def _consent_in_german() -> Iterator[Capture]:
    banner = (
        "<div id=cc><p>Diese Website verwendet Cookies, um Ihnen ein besseres Erlebnis zu bieten.</p>"
        "<button>Alle Cookies akzeptieren</button></div>"
    )

    def page(ability: str, seen: str) -> str:
        listed = f"<ul><li>Mahnläufe per SMS</li><li>{ability}</li></ul>"
        return _page(listed, title="Funktionen", language="de", before=seen)

    for number in range(6):
        yield page("Zahlungspläne", banner if number % 2 else ""), False
    yield page("Ratenzahlung mit Bonitätsprüfung", banner), True
    yield page("Ratenzahlung mit Bonitätsprüfung", ""), False


def _redirected_home() -> Iterator[Capture]:
    home = (
        _page(
            "<p>The platform for residents, owners and everybody between them.</p>"
            + "<h2>Trusted by operators</h2>" * 2,
            title="Welcome",
        )
        .replace("part", "chapter")
        .replace("We help operators of housing", "Everything that a resident ever asks")
    )

    def page(price: int) -> str:
        return _page(f"<h2>Growth plan</h2><p>${price}/month</p>")

    yield from _among([home], [(page(p), c) for p, c in ((399, False), (399, False), (399, False), (449, True))])


def _two_headlines() -> Iterator[Capture]:
    def page(headline: str, price: int) -> str:
        return _page(f"<h2>{headline}</h2><p>Growth: ${price} a month</p>")

    one, other = "Get paid faster with Rival", "Collect more, argue less"
    yield page(one, 399), False
    yield page(other, 399), None
    for number in range(6):
        yield page((one, other)[number % 2], 399), False
    yield page(other, 449), True
    yield page(one, 449), False


def _table_of_plans() -> Iterator[Capture]:
    def page(*rows: tuple[str, str, str]) -> str:
        head = "<tr><th>Tarif</th><th>Preis</th><th>Einheiten</th></tr>"
        body = "".join(f"<tr><td>{a}</td><td>{b}</td><td>{c}</td></tr>" for a, b, c in rows)
        return _page(f"<table>{head}{body}</table>", title="Preise", language="de")

    small, large = ("Klein", "99,00 €", "bis 100"), ("Groß", "1.299,00 €", "bis 5.000")
    yield page(small, large), False
    yield page(large, small), False
    yield page(small, large), False
    yield page(small, ("Groß", "1.399,00 €", "bis 5.000")), True
    yield page(small, ("Groß", "1.399,00 €", "bis 5.000"), ("Konzern", "auf Anfrage", "unbegrenzt")), True
    yield page(small, ("Groß", "1.399,00 €", "bis 5.000"), ("Konzern", "auf Anfrage", "unbegrenzt")), False


def _notes_in_an_accordion() -> Iterator[Capture]:
    def page(*notes: tuple[str, str], opened: int = 0) -> str:
        parts = "".join(
            f"<button aria-controls=n{n} aria-expanded={str(n == opened).lower()}>Version {name}</button>"
            f"<div id=n{n} {'' if n == opened else 'hidden'}><p>{text}</p></div>"
            for n, (name, text) in enumerate(notes)
        )
        return _page(parts, title="Release notes")

    old = (("4.1", "Adds voice for move-outs."), ("4.0", "Ledgers are read every hour."))
    yield page(*old), False
    yield page(*old, opened=1), False
    yield page(("4.2", "Payment plans are offered in Spanish."), *old, opened=2), True
    yield page(("4.2", "Payment plans are offered in Spanish."), *old), False
    yield page(("4.2", "Payment plans are offered in Spanish and French."), *old, opened=1), True
    yield page(("4.2", "Payment plans are offered in Spanish and French."), *old, opened=2), False


def _careers() -> Iterator[Capture]:
    def page(*jobs: str, days: int) -> str:
        listed = "".join(f"<li><a href=/j/{job[:3]}>{job}</a> <span>Posted {days} days ago</span></li>" for job in jobs)
        return _page(f"<p>{len(jobs)} open positions</p><ul>{listed}</ul>", title="Careers")

    jobs = ("Data Engineer, Austin", "Account Executive, Dallas", "Collections Lead, Remote")
    yield page(*jobs, days=3), False
    yield page(*jobs[::-1], days=4), False
    yield page(*jobs, days=5), False
    yield page(*jobs, "VP Sales, Tampa", days=6), True
    yield page("VP Sales, Tampa", *jobs, days=7), False
    yield page("VP Sales, Tampa", *jobs[1:], days=8), True
    yield page(*jobs[1:], "VP Sales, Tampa", days=9), False


def _maintenance() -> Iterator[Capture]:
    walls = [
        _bare("Wartung", "<h1>Wartungsarbeiten</h1><p>Wir sind gleich wieder für Sie da.</p>"),
        _bare("Service Unavailable", "<h1>We’ll be right back</h1><p>Scheduled maintenance until 04:00 UTC.</p>"),
        _bare("Seite nicht gefunden", "<h1>Hoppla!</h1><p>Diese Seite gibt es nicht (mehr).</p>"),
    ]

    def page(text: str) -> str:
        return _page(f"<h2>Security</h2><p>{text}</p>", title="Trust", language="en")

    old, new = page("Audited for SOC 2 Type II in May."), page("Audited for PCI DSS Level 1 in June.")
    yield from _among(walls, [(old, False), (old, False), (old, False), (old, False), (new, True), (new, False)])


def histories() -> Iterator[tuple[str, list[Capture]]]:
    """The name of each history, and its captures in order."""
    for told in (
        _german_cookie_wall, _french_login, _japanese_prices, _consent_in_german, _redirected_home, _two_headlines,
        _table_of_plans, _notes_in_an_accordion, _careers, _maintenance,
    ):  # fmt: skip
        yield f"awkward {told.__name__.strip('_').replace('_', ' ')}", list(told())
