"""What the doctor looks at, area by area. Each look is quick, and none opens a connection but the last."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from agent.browsers import browser_path
from agent.people import People, Person, Role
from agent.settings import Settings, Stack, terminal_identity
from agent.terminal.doctor import Check

__all__ = [
    "at_configuration",
    "at_infrastructure",
    "at_machine",
    "at_network",
    "at_people",
    "at_planning",
    "at_storage",
    "at_surroundings",
]

_LITTLE_SPACE = 500 * 1024**2
_PARTS = ("pulumi", "langgraph", "langchain-openai", "chromadb", "dbos", "pydantic")


def at_configuration(settings: Settings) -> Iterator[Check]:
    """The file, what it leaves to the built-in configuration, and what is odd in it."""
    area = "configuration"
    if settings.source:
        built_in = ", ".join(sorted(settings.built_in)) or "nothing"
        yield Check(area=area, name="sophia.toml", state="ok", detail=f"{settings.source}; built in: {built_in}")
    else:
        told = "Write one of your own with `sophia init`."
        yield Check(area=area, name="sophia.toml", state="embedded", detail="none; the built-in focus", to_do=told)
    pages = sum(len(competitor.pages) for competitor in settings.competitors.values())
    counts = (
        f"{settings.business.name}: {_number(settings.competitors, 'competitor')} with {pages} pages, "
        f"{_number(settings.channels, 'channel')}, {_number(settings.stacks, 'stack')}, "
        f"${settings.budget.monthly:,.0f} a month"
    )
    yield Check(area=area, name="focus", state="ok", detail=counts)
    if settings.read_only:
        yield Check(area=area, name="read_only", state="ok", detail="on: nothing but reads")
    if settings.demo:
        yield Check(area=area, name="demo", state="ok", detail="on: one person may wear two hats")
    for notice in settings.notices:
        yield Check(area=area, name="notice", state="missing", detail=notice)


def _number(things: Mapping[str, object], word: str) -> str:
    return f"{len(things)} {word}{'' if len(things) == 1 else 's'}"


def at_people(settings: Settings) -> Iterator[Check]:
    """Who the person at this terminal is, and whether enough people can approve."""
    people = People.of(settings)
    identity = terminal_identity()
    you = people.recognise(identity)
    if you:
        yield Check(area="people", name="you", state="ok", detail=f"{you.name}, by {identity}: {_roles(you)}")
    else:
        told = "Add [people.NAME] with system_users or token_sha256 to sophia.toml (`sophia init` shows how)."
        yield Check(area="people", name="you", state="missing", detail=f"nobody is {identity}", to_do=told)
    for count, what in ((1, "deploy"), (2, "destroy and rotate")):
        lacking = people.lacking_approvers(count)
        approvers = ", ".join(person.name for person in people.with_role(Role.APPROVER))
        detail = lacking.partition(":")[0] if lacking else f"{approvers} may approve"
        told = "Add the role approver to a person in sophia.toml." if lacking else ""
        yield Check(area="people", name=f"to {what}", state="missing" if lacking else "ok", detail=detail, to_do=told)


def _roles(person: Person) -> str:
    return ", ".join(role.value for role in Role if person.can(role)) or "no role"


def at_storage(settings: Settings) -> Iterator[Check]:
    """The data folder, the database and the search index."""
    yield _data_folder(settings.home)
    yield _space(settings.home)
    url = settings.storage.database_url
    if url:
        yield Check(
            area="storage", name="database", state="ok", detail=f"PostgreSQL at {_place(url.get_secret_value())}"
        )
    else:
        yield _database_file(settings.home / "sophia.db")
    if settings.storage.chroma_url:
        yield Check(
            area="storage", name="search", state="ok", detail=f"Chroma at {_place(settings.storage.chroma_url)}"
        )
    else:
        yield Check(area="storage", name="search", state="embedded", detail="Chroma in the data folder")
    if settings.embedder.model:
        yield Check(area="storage", name="embeddings", state="ok", detail=settings.embedder.model)
    else:
        yield Check(area="storage", name="embeddings", state="embedded", detail="offline (wordllama)")


def _data_folder(home: Path) -> Check:
    existing = next(folder for folder in (home, *home.parents) if folder.exists())
    try:
        with tempfile.TemporaryFile(dir=existing):
            pass
    except OSError as error:
        told = "Make it writable, or name another folder in SOPHIA_HOME."
        detail = f"{existing} can't be written to: {error.strerror or error}"
        return Check(area="storage", name="data folder", state="problem", detail=detail, to_do=told)
    if existing != home:
        return Check(area="storage", name="data folder", state="ok", detail=f"{home} (made when it is needed)")
    if home.stat().st_mode & 0o077:
        told = f"chmod 700 {home}"
        detail = f"{home} can be read by others on this machine"
        return Check(area="storage", name="data folder", state="missing", detail=detail, to_do=told)
    return Check(area="storage", name="data folder", state="ok", detail=str(home))


def _space(home: Path) -> Check:
    existing = next(folder for folder in (home, *home.parents) if folder.exists())
    free = shutil.disk_usage(existing).free
    little = free < _LITTLE_SPACE
    told = "Make room: what is remembered only grows." if little else ""
    detail = f"{free / 1024**3:.1f} GB free"
    return Check(area="storage", name="disk", state="problem" if little else "ok", detail=detail, to_do=told)


def _database_file(path: Path) -> Check:
    try:
        with path.open("rb") as file:
            start = file.read(16)
    except FileNotFoundError:
        return Check(area="storage", name="database", state="embedded", detail="SQLite (made when it is needed)")
    except OSError as error:
        told = "Make it readable."
        return Check(area="storage", name="database", state="problem", detail=f"{path}: {error.strerror}", to_do=told)
    if start not in (b"", b"SQLite format 3\0"):
        told = "Restore it with `sophia restore FILE`, or move it away to begin anew."
        return Check(area="storage", name="database", state="problem", detail=f"{path} is no database", to_do=told)
    size = path.stat().st_size / 1024**2
    return Check(area="storage", name="database", state="embedded", detail=f"SQLite, {size:.1f} MB")


def _place(url: str) -> str:
    """Host, port and path of an address, without user and password."""
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.hostname or 'this machine'}{port}{parts.path.rstrip('/')}"


def at_planning(settings: Settings) -> Iterator[Check]:
    """Which planner works, and whether it has what it needs. A key is never shown."""
    model = settings.model
    server = _place(model.base_url) if model.base_url else "OpenAI"
    if not model.configured:
        key = "; a key is there, SOPHIA_MODEL names no model" if model.api_key else ""
        yield Check(area="planning", name="planner", state="embedded", detail=f"offline, no model{key}")
        return
    if model.api_key is None and model.base_url is None:
        told = "Export SOPHIA_API_KEY or OPENAI_API_KEY, or unset SOPHIA_MODEL to plan offline."
        yield Check(area="planning", name="planner", state="problem", detail=f"{model.name}: no key", to_do=told)
        return
    key = "key present" if model.api_key else "no key"
    yield Check(area="planning", name="planner", state="ok", detail=f"{model.name} at {server}, {key}")
    if model.input_price is None or model.output_price is None:
        told = "Set input_price and output_price under [model]: dollars a million tokens."
        detail = "no prices, so money isn't counted, only tokens"
        yield Check(area="planning", name="budget", state="missing", detail=detail, to_do=told)


def at_infrastructure(settings: Settings, environ: Mapping[str, str]) -> Iterator[Check]:
    """Pulumi's command line, and what each stack needs to be reached."""
    from infra.cli import find_cli

    found = find_cli(dict(environ))
    if found:
        yield Check(area="infrastructure", name="pulumi", state="ok", detail=f"{found.version} ({found.origin})")
    else:
        told = "`python -m infra.cli install` downloads or builds it, once."
        yield Check(area="infrastructure", name="pulumi", state="missing", detail="no command line", to_do=told)
    for name, stack in settings.stacks.items():
        yield _stack(settings, name, stack)


def _stack(settings: Settings, name: str, stack: Stack) -> Check:
    where = f"{stack.environment}, {stack.program}" + (", protected" if stack.protected else "")
    wanting, told = "", ""
    if stack.directory and not (stack.directory / "Pulumi.yaml").is_file():
        wanting, told = "no Pulumi.yaml there", f"Correct `program` of [stacks.{name}]."
    elif stack.passphrase_env and settings.passphrase(name) is None:
        wanting, told = f"{stack.passphrase_env} isn't set", f"Export {stack.passphrase_env}."
    detail = f"{where}; {wanting}" if wanting else where
    return Check(area="infrastructure", name=name, state="missing" if wanting else "ok", detail=detail, to_do=told)


def at_surroundings(settings: Settings, environ: Mapping[str, str]) -> Iterator[Check]:
    """What Sophia may reach beside: Slack, a browser."""
    yield _slack(settings)
    yield _browser(settings, environ)


def _slack(settings: Settings) -> Check:
    slack = settings.slack
    if slack.connected:
        way = "Socket Mode" if slack.mode == "socket" else "signed requests"
        return Check(area="surroundings", name="Slack", state="ok", detail=f"tokens present, {way}")
    if not (slack.bot_token or slack.app_token or slack.signing_secret):
        detail = "not connected; channels are delivered to the terminal and to files"
        return Check(area="surroundings", name="Slack", state="off", detail=detail)
    told = (
        "Export SOPHIA_SLACK_APP_TOKEN for Socket Mode or SOPHIA_SLACK_SIGNING_SECRET for signed requests."
        if slack.bot_token
        else "Export SOPHIA_SLACK_BOT_TOKEN."
    )
    return Check(
        area="surroundings", name="Slack", state="problem", detail="some of its tokens are missing", to_do=told
    )


def _browser(settings: Settings, environ: Mapping[str, str]) -> Check:
    from importlib.util import find_spec

    named, found = settings.network.browser, browser_path(settings, environ)
    if named and not found:
        told = "Correct network.browser or SOPHIA_BROWSER."
        return Check(area="surroundings", name="browser", state="problem", detail=f"no {named}", to_do=told)
    if found and find_spec("playwright"):
        return Check(area="surroundings", name="browser", state="ok", detail=found)
    lacking = "no Playwright" if found else "no Chromium"
    told = "Install the playwright package." if found else "Install Chromium."
    detail = f"{lacking}: pages that are empty without JavaScript are reported, not rendered"
    return Check(area="surroundings", name="browser", state="off", detail=detail, to_do=told)


def at_machine(environ: Mapping[str, str]) -> Iterator[Check]:
    """Programs and versions."""
    import platform
    from importlib.metadata import PackageNotFoundError, version

    git = _git_version(environ)
    if git:
        yield Check(area="machine", name="git", state="ok", detail=git)
    else:
        told = "Install git: without it nobody knows which commit of a program is deployed."
        yield Check(area="machine", name="git", state="missing", detail="none", to_do=told)
    yield Check(area="machine", name="python", state="ok", detail=f"{platform.python_version()} ({sys.platform})")
    for part in ("sophia", *_PARTS):
        try:
            yield Check(area="machine", name=part, state="ok", detail=version(part))
        except PackageNotFoundError:
            told = "Install Sophia anew: make setup."
            yield Check(area="machine", name=part, state="problem", detail="isn't installed", to_do=told)


def _git_version(environ: Mapping[str, str]) -> str | None:
    import subprocess

    program = shutil.which("git", path=environ.get("PATH"))
    if program is None:
        return None
    try:
        done = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=2, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.removeprefix("git version").strip()


def at_network(settings: Settings) -> Iterator[Check]:
    """Whether the servers that are configured accept a connection. Nothing is sent."""
    from concurrent.futures import ThreadPoolExecutor

    servers = dict(_servers(settings))
    with ThreadPoolExecutor(max_workers=8) as pool:
        for (name, (host, port)), problem in zip(servers.items(), pool.map(_refuses, servers.values()), strict=True):
            told = "Check the address, the network and the firewall." if problem else ""
            detail = f"{host}:{port} {problem or 'accepts connections'}"
            yield Check(area="network", name=name, state="missing" if problem else "ok", detail=detail, to_do=told)


def _servers(settings: Settings) -> Iterator[tuple[str, tuple[str, int]]]:
    addresses: dict[str, str | None] = {
        "model": (settings.model.base_url or "https://api.openai.com") if settings.model.configured else None,
        "embedder": settings.embedder.base_url,
        "chroma": settings.storage.chroma_url,
        "slack": settings.slack.api_url if settings.slack.connected else None,
    }
    database = settings.storage.database_url
    addresses["database"] = database.get_secret_value() if database else None
    for name, each in settings.competitors.items():
        addresses[name] = each.pages[0].url if each.pages else None
    for name, address in addresses.items():
        parts = urlsplit(address or "")
        if parts.hostname:
            usual = {"http": 80, "https": 443}.get(parts.scheme, 5432)
            yield name, (parts.hostname, parts.port or usual)


def _refuses(server: tuple[str, int]) -> str | None:
    import socket

    try:
        with socket.create_connection(server, timeout=3):
            return None
    except OSError as error:
        return f"can't be reached: {error.strerror or error}"
