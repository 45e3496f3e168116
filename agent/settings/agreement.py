"""Whether the parts of a configuration agree with each other, which no part can tell alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from urllib.parse import urlsplit

from agent.people import Role
from agent.settings.part import origin_of
from agent.settings.positions import Path
from agent.settings.problems import dotted, nearest
from agent.settings.recurring import Schedules
from agent.settings.schema import as_toml, toml_key
from agent.settings.whole import Settings

__all__ = ["disagreements", "oddities"]

Disagreement = tuple[Path, str, str]
"""Where, what, and what to write instead."""
Names = Mapping[str, Iterable[str]]


def disagreements(settings: Settings, declared: Names) -> Iterator[Disagreement]:
    """Everything that refers to nothing, is said twice or contradicts something else.

    `declared` has the names of channels, people … that the document has, even where their tables are wrong.
    """
    yield from _channels(settings, list(declared["channels"]))
    yield from _aspects(settings)
    yield from _addresses(settings)
    yield from _persons(settings, list(declared["people"]))
    yield from _shared_identities(settings)
    yield from _schedules(settings, list(declared["channels"]))
    for section in ("competitors", "channels", "stacks"):
        yield from _shared_names(section, getattr(settings, section))


def _refers(path: Path, name: str, known: list[str], what: str, section: str) -> Iterator[Disagreement]:
    if name in known:
        return
    close = nearest(name, known)
    told = f"Write {as_toml(close)}" if close else f"Known are {', '.join(known) or 'none'}; write one of them"
    said = f"`{dotted(path)}`: there is no {what} {as_toml(name)}."
    yield path, said, f"{told}, or add [{section}.{toml_key(name)}]."


def _channels(settings: Settings, known: list[str]) -> Iterator[Disagreement]:
    for name, stack in settings.stacks.items():
        if stack.channel:
            yield from _refers(("stacks", name, "channel"), stack.channel, known, "channel", "channels")
    for name, competitor in settings.competitors.items():
        at: Path = ("competitors", name)
        if competitor.channel:
            yield from _refers((*at, "channel"), competitor.channel, known, "channel", "channels")
        for number, page in enumerate(competitor.pages):
            if page.channel:
                yield from _refers((*at, "pages", number, "channel"), page.channel, known, "channel", "channels")


def _schedules(settings: Settings, channels: list[str]) -> Iterator[Disagreement]:
    """Only where somebody wrote them: what is built in does without a channel that isn't there."""
    if settings.schedules == Schedules():
        return
    from tools.errors import ToolError
    from tools.timetable.reading import read_when

    for name, when in settings.schedules.times().items():
        try:
            read_when(when, settings.business.zone, datetime.now(UTC))
        except ToolError as error:
            yield ("schedules", name), f"`schedules.{name}`: {error.tried}", error.to_do
    for key in ("alert_channel", "operations_channel"):
        if getattr(settings.schedules, key) != getattr(Schedules(), key):
            yield from _refers(("schedules", key), getattr(settings.schedules, key), channels, "channel", "channels")


def _aspects(settings: Settings) -> Iterator[Disagreement]:
    known = settings.business.aspects
    for name, competitor in settings.competitors.items():
        at: Path = ("competitors", name)
        named = [((*at, "aspects", number), aspect) for number, aspect in enumerate(competitor.aspects)]
        named += [((*at, "pages", number, "aspect"), page.aspect) for number, page in enumerate(competitor.pages)]
        for path, aspect in named:
            if aspect not in known:
                close = nearest(aspect, known)
                told = (
                    f"Write {as_toml(close) if close else 'one of ' + ', '.join(known)}, or add it to business.aspects."
                )
                yield path, f"`{dotted(path)}`: there is no aspect {as_toml(aspect)}.", told


def _addresses(settings: Settings) -> Iterator[Disagreement]:
    seen: dict[str, Path] = {}
    for name, competitor in settings.competitors.items():
        for number, page in enumerate(competitor.pages):
            path: Path = ("competitors", name, "pages", number, "url")
            address = page.url.partition("#")[0].rstrip("/")
            if address in seen:
                yield path, f"`{dotted(path)}` is watched already, as `{dotted(seen[address])}`.", "Delete one of them."
            seen.setdefault(address, path)
            yield from _private(settings, path, page.url)


def _private(settings: Settings, path: Path, url: str) -> Iterator[Disagreement]:
    origin = origin_of(url)
    if _is_private(urlsplit(url).hostname or "") and origin not in settings.network.allowed_private_origins:
        told = f"Write allowed_private_origins = [{as_toml(origin)}] under [network], if that is meant."
        yield path, f"`{dotted(path)}` is a private address, and these are refused.", told


def _is_private(host: str) -> bool:
    from ipaddress import ip_address

    if host == "localhost" or host.endswith(".localhost"):
        return True
    if not (":" in host or host.replace(".", "").isdigit()):
        return False
    try:
        return not ip_address(host).is_global
    except ValueError:
        return False


def _persons(settings: Settings, known: list[str]) -> Iterator[Disagreement]:
    for name, stack in settings.stacks.items():
        for number, owner in enumerate(stack.owners):
            yield from _refers(("stacks", name, "owners", number), owner, known, "person", "people")
    for name, person in settings.people.items():
        for number, other in enumerate(person.may_act_for):
            yield from _refers(("people", name, "may_act_for", number), other, known, "person", "people")


def _shared_identities(settings: Settings) -> Iterator[Disagreement]:
    seen: dict[tuple[str, ...], str] = {}
    for name, person in settings.people.items():
        claims: list[tuple[Path, tuple[str, ...]]] = []
        claims += [(("system_users", n), ("system", user)) for n, user in enumerate(person.system_users)]
        claims += [(("token_sha256", n), ("token", digest)) for n, digest in enumerate(person.token_sha256)]
        claims += [(("slack", n), ("slack", at.workspace, at.user)) for n, at in enumerate(person.slack)]
        for end, claim in claims:
            path: Path = ("people", name, *end)
            if seen.setdefault(claim, name) != name:
                told = "One identity belongs to one person: delete it here or there."
                yield path, f"`{dotted(path)}` is {seen[claim]}'s already.", told


def _shared_names(section: str, tables: Mapping[str, object]) -> Iterator[Disagreement]:
    owner = {_folded(name): name for name in tables}
    for name, table in tables.items():
        for number, alias in enumerate(getattr(table, "aliases", ())):
            path: Path = (section, name, "aliases", number)
            if owner.setdefault(_folded(alias), name) != name:
                said = f"{as_toml(alias)} already means {as_toml(owner[_folded(alias)])}."
                yield path, f"`{dotted(path)}`: {said}", "Delete it here or there."


def _folded(name: str) -> str:
    return name.casefold().lstrip("#")


def oddities(settings: Settings) -> Iterator[str]:
    """What is allowed and probably not meant."""
    for name, person in settings.people.items():
        if not (person.system_users or person.token_sha256 or person.slack):
            yield f"Nobody can be recognised as {name}: no system_users, token_sha256 or slack."
    if not any(Role.APPROVER in person.roles for person in settings.people.values()):
        yield "Nobody is an approver: nothing that asks can go on."
    for name, channel in settings.channels.items():
        if "slack" in channel.delivery and not settings.slack.connected:
            yield f"{name} is told by Slack, and Slack isn't connected: what is said there is kept until it is."
    for name, competitor in settings.competitors.items():
        if not competitor.pages:
            yield f"No page of {name} is watched yet."
