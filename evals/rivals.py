"""Pages of invented competitors: what they say, which may change, and everything around it that always does.

For the suites' own cases. Content and frame are separate, so that it is known which change is one. Everything follows
from a seed.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

__all__ = [
    "ABILITIES",
    "CHANGES",
    "COSMETIC",
    "KINDS",
    "NOISES",
    "OPERATORS",
    "ROLES",
    "Content",
    "Frame",
    "first_content",
    "render",
    "wall",
]

KINDS = ("pricing", "features", "releases", "jobs", "customers", "blog")
_TOWNS = ("Austin", "Denver", "Atlanta", "Phoenix", "Tampa", "Dallas", "Raleigh", "Boise", "Omaha", "Remote")
ROLES = (
    "Account Executive", "Data Engineer", "Customer Success Manager", "Product Designer", "Machine Learning Engineer",
    "Compliance Counsel", "Implementation Specialist", "Sales Development Representative", "Site Reliability Engineer",
    "Voice AI Researcher", "Revenue Operations Analyst", "Solutions Consultant",
)  # fmt: skip
OPERATORS = (
    "Hillside Communities", "Greyoak Residential", "Cardinal Homes", "Lakeshore Living", "Northgate Partners",
    "Summit Apartments", "Bluebonnet Management", "Harborview Group", "Prairie Residential", "Juniper Square Living",
)  # fmt: skip
ABILITIES = (
    "answers leasing calls in English and Spanish", "schedules tours around the clock", "syncs ledgers every hour",
    "sends payment reminders by text and mail", "reconciles move-out balances", "exports audit trails for regulators",
    "scores delinquency risk for each resident", "drafts replies that an agent approves", "verifies income documents",
    "routes maintenance requests by urgency", "integrates with the usual property systems", "offers single sign-on",
    "supports payment plans with partial payments", "masks card numbers in every transcript",
)  # fmt: skip
_NAMES = ("Ana Ortiz", "Ben Cole", "Chao Lin", "Dee Patel", "Eli Frank", "Fay Moore", "Gus Weber", "Hana Sato")

_REVISED = b"<p>Last revised: January 12, 2026</p>"


@dataclass(frozen=True)
class Content:
    """What a page says."""

    kind: str
    plans: tuple[tuple[str, int, int], ...] = ()
    """Name, dollars a month, units that it covers."""
    abilities: tuple[str, ...] = ()
    releases: tuple[tuple[str, str], ...] = ()
    jobs: tuple[tuple[str, str, str], ...] = ()
    stories: tuple[tuple[str, int], ...] = ()
    posts: tuple[str, ...] = ()
    promise: str = "We help operators of multifamily housing collect what is owed without losing residents."


@dataclass(frozen=True)
class Frame:
    """Everything around it."""

    nonce: int = 0
    menu: tuple[str, ...] = ("Product", "Pricing", "Customers", "Resources", "Company")
    year: int = 2026
    consent: bool = False
    visitors: int = 1204
    quote: int = 0
    classes: int = 0
    today: datetime | None = None
    related: int = 0
    countdown: int = 40
    chat: bool = False
    online: int = 3


def first_content(kind: str, seed: int) -> Content:
    """What the page of this kind says first."""
    pick = random.Random(f"{kind} {seed}")
    return Content(
        kind=kind,
        plans=tuple(
            (name, pick.randrange(49, 199) * factor, pick.randrange(1, 9) * 100 * factor)
            for name, factor in (("Starter", 1), ("Growth", 3), ("Scale", 8))
        ),
        abilities=tuple(pick.sample(ABILITIES, 7)),
        releases=tuple((f"{4 - n // 3}.{pick.randrange(20)}", pick.choice(ABILITIES)) for n in range(6)),
        jobs=tuple(
            (role, pick.choice(("Sales", "Engineering", "Legal")), pick.choice(_TOWNS))
            for role in pick.sample(ROLES, 6)
        ),
        stories=tuple((name, pick.randrange(8, 40)) for name in pick.sample(OPERATORS, 4)),
        posts=tuple(
            f"How {name} {what}"
            for name, what in zip(pick.sample(OPERATORS, 6), pick.sample(ABILITIES, 6), strict=True)
        ),
    )


def _main(content: Content) -> str:
    match content.kind:
        case "pricing":
            return "".join(
                f"<section><h2>{name}</h2><p class=price>${price:,}<span>/month</span></p>"
                f"<p>Covers up to {units:,} units.</p></section>"
                for name, price, units in content.plans
            ) + "<h2>In every plan</h2>" + _bullets(content.abilities)  # fmt: skip
        case "features":
            return "".join(
                f"<h3>{ability.split()[0].capitalize()}</h3><p>The platform {ability}.</p>"
                for ability in content.abilities
            )
        case "releases":
            return "".join(
                f"<h2>Version {number}</h2><ul><li>The product now {what}.</li></ul>"
                for number, what in content.releases
            )
        case "jobs":
            rows = "".join(
                f"<tr><td><a href=/j>{role}</a></td><td>{team}</td><td>{town}</td></tr>"
                for role, team, town in content.jobs
            )
            return f"<table><tr><th>Role</th><th>Team</th><th>Place</th></tr>{rows}</table>"
        case "customers":
            return "".join(
                f"<article><h3>{name}</h3><p>Recovered {share}% more in the first year.</p></article>"
                for name, share in content.stories
            )
    return "<ul>" + "".join(f"<li><a href=/blog/{n}>{post}</a></li>" for n, post in enumerate(content.posts)) + "</ul>"


def _bullets(items: tuple[str, ...]) -> str:
    return "<ul>" + "".join(f"<li>{item.capitalize()}</li>" for item in items) + "</ul>"


def render(content: Content, frame: Frame) -> bytes:
    """The page as a server would send it."""
    random_name = f"c{random.Random(frame.classes).randrange(1 << 40):x}"
    token = f"{random.Random(frame.nonce).randrange(1 << 60):x}"
    consent = "<div role=dialog><p>We value your privacy. Choose what we may store.</p><button>Accept</button></div>"
    quote = OPERATORS[frame.quote % len(OPERATORS)], _NAMES[frame.quote % len(_NAMES)]
    today = f"<p>Prices as of {frame.today:%B} {frame.today.day}, {frame.today.year}</p>" if frame.today else ""
    related = "".join(
        f"<li><a href=/r/{n}>{ABILITIES[(frame.related + n) % 14].capitalize()} guide</a></li>" for n in range(5)
    )
    menu = "".join(f"<li><a href=/{item}>{item}</a></li>" for item in frame.menu)
    praise = f"“{quote[1]} of {quote[0]} calls it the best change of the year.”"
    return f"""<!doctype html><html lang=en><head><title>{content.kind.capitalize()} | Rival</title>
<meta name=csrf content={token}><script nonce={token}>window.t="{token}"</script></head>
<body class={random_name}><header><nav><ul>{menu}</ul></nav></header>
{consent if frame.consent else ""}
<main id=m{token[:4]}><h1>{content.kind.capitalize()}</h1><p>{content.promise}</p>{today}
<div class={random_name}>{_main(content)}</div>
<p>{frame.visitors:,} downloads</p>
{_REVISED.decode()}
<aside><h4>What operators say</h4><blockquote>{praise}</blockquote></aside>
</main>
<aside><h4>Related</h4><ul>{related}</ul></aside>
{"<div role=dialog>Chat with us! " + str(frame.online) + " agents are online</div>" if frame.chat else ""}
<footer><p>© {frame.year} Rival Inc. All rights reserved.</p><ul><li><a href=/terms>Terms</a></li></ul></footer>
<!-- rendered in {frame.countdown} ms by node-{frame.nonce % 9} --></body></html>""".encode()


Change = Callable[[Content, random.Random], Content]


def _dearer(content: Content, pick: random.Random) -> Content:
    plans = list(content.plans)
    at = pick.randrange(len(plans))
    name, price, units = plans[at]
    plans[at] = (name, round(price * pick.choice((0.8, 0.9, 1.1, 1.12, 1.25))) + 1, units)
    return replace(content, plans=tuple(plans))


def _another_plan(content: Content, pick: random.Random) -> Content:
    return replace(
        content, plans=(*content.plans, (pick.choice(("Enterprise", "Portfolio")), pick.randrange(2000, 5000), 9000))
    )


def _ability(content: Content, pick: random.Random) -> Content:
    new = pick.choice([item for item in ABILITIES if item not in content.abilities])
    return replace(content, abilities=(*content.abilities, new))


def _lost_ability(content: Content, pick: random.Random) -> Content:
    gone = pick.choice(content.abilities)
    return replace(content, abilities=tuple(item for item in content.abilities if item != gone))


def _release(content: Content, pick: random.Random) -> Content:
    return replace(
        content,
        releases=((f"5.{pick.randrange(99)}", f"{pick.choice(ABILITIES)}, for all customers"), *content.releases),
    )


def _opening(content: Content, pick: random.Random) -> Content:
    role = pick.choice([role for role in ROLES if role not in {job[0] for job in content.jobs}])
    return replace(content, jobs=(*content.jobs, (role, "Sales", pick.choice(_TOWNS))))


def _closing(content: Content, pick: random.Random) -> Content:
    gone = pick.choice(content.jobs)
    return replace(content, jobs=tuple(job for job in content.jobs if job != gone))


def _win(content: Content, pick: random.Random) -> Content:
    name = pick.choice([name for name in OPERATORS if name not in {story[0] for story in content.stories}])
    return replace(content, stories=((name, pick.randrange(8, 40)), *content.stories))


def _result(content: Content, pick: random.Random) -> Content:
    name, share = content.stories[0]
    return replace(content, stories=((name, share + pick.randrange(1, 9)), *content.stories[1:]))


def _post(content: Content, pick: random.Random) -> Content:
    return replace(
        content,
        posts=(f"Why {pick.choice(OPERATORS)} left its old vendor in {pick.choice(_TOWNS)}", *content.posts[:-1]),
    )


def _promise(content: Content, pick: random.Random) -> Content:
    return replace(
        content, promise=f"Rival now serves {pick.randrange(400, 900)} operators in {pick.randrange(20, 50)} states."
    )


CHANGES: dict[str, tuple[Change, ...]] = {
    "pricing": (_dearer, _another_plan, _ability, _promise),
    "features": (_ability, _lost_ability, _promise),
    "releases": (_release, _promise),
    "jobs": (_opening, _closing),
    "customers": (_win, _result),
    "blog": (_post, _promise),
}
"""What may happen to a page's content, by kind."""

Noise = Callable[[Frame, random.Random], Frame]
NOISES: dict[str, Noise] = {
    "nonce": lambda frame, pick: replace(frame, nonce=pick.randrange(1 << 30), countdown=pick.randrange(400)),
    "menu": lambda frame, pick: replace(
        frame, menu=(*frame.menu[:3], pick.choice(("Webinars", "Academy", "Partners")))
    ),
    "year": lambda frame, _: replace(frame, year=frame.year + 1),
    "consent": lambda frame, _: replace(frame, consent=not frame.consent),
    "counter": lambda frame, pick: replace(frame, visitors=frame.visitors + pick.randrange(1, 99)),
    "classes": lambda frame, pick: replace(frame, classes=pick.randrange(1 << 30)),
    "related": lambda frame, pick: replace(frame, related=frame.related + pick.randrange(1, 5)),
    "chat": lambda frame, pick: replace(frame, chat=not frame.chat, online=pick.randrange(1, 9)),
}
"""What happens around it."""

COSMETIC: dict[str, Callable[[bytes], bytes]] = {
    "link_url_only": lambda page: page.replace(b"<a href=/", b"<a href=/en-us/"),
    "punct_markup_only": lambda page: (
        page.replace(b".</p>", b"</p>").replace(b"<h1>", b"<h1><b>").replace(b"</h1>", b"</b></h1>")
    ),
    "date_digits_only": lambda page: page.replace(_REVISED, _REVISED.replace(b"12", b"26")),
    "whitespace": lambda page: page.replace(b"</p>", b" \n</p>").replace(b" of ", b"\xc2\xa0\n  of&nbsp;"),
}
"""What may happen to a page as it was sent that nobody would call a change of what it says, by kind."""


_WALLS = {
    "Log in": "<h1>Welcome back</h1><form><input type=email><input type=password><button>Log in</button></form>",
    "Just a moment...": "<noscript>Enable JavaScript and cookies to continue</noscript>",
    "Access Denied": "<h1>Access Denied</h1><p>You don't have permission to access this server.</p>",
    "Before you continue": "<h1>Before you continue</h1><p>We use cookies and data to deliver our services and to"
    " measure audiences. If you choose to accept all, we also show personalised content.</p>",
    "Page not found": "<h1>Oops!</h1><p>The page you are looking for can't be found.</p>",
    "Rival": "<div id=app></div><script src=/app.js></script>",
    "Maintenance": "<h1>We'll be back soon</h1><p>We are performing scheduled maintenance.</p>",
    "Choose your region": "<h1>Choose your region</h1>" + "".join(f"<p><a href=/{t}>{t}</a></p>" for t in _TOWNS),
}


def wall(pick: random.Random) -> bytes:
    """A page that stands in front of the page: a login, a challenge, a cookie wall, an error with status 200."""
    title = pick.choice(sorted(_WALLS))
    return f"<html><head><title>{title}</title></head><body>{_WALLS[title]}</body></html>".encode()


def days(start: datetime, count: int) -> list[datetime]:
    """A capture every six hours."""
    return [start + timedelta(hours=6 * n) for n in range(count)]
