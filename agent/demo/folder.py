"""The demo's own folder: a generated sophia.toml, the data folder beside it, and nobody else's things."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agent.classify import is_private, origin_of
from agent.demo.watched import WatchedCompetitor
from agent.errors import OperatorMustAct, RequesterMustFix
from agent.settings import Settings, load, own_environment
from infra.lab.inventory import Lab

if TYPE_CHECKING:
    from jinja2 import Template

__all__ = ["DemoFolder", "opened_folder"]

_MARK = ".sophia-demo"
_LOCK = ".sophia-demo.lock"
_TEMPLATE = "sophia.toml.jinja"
_OTHERS = ("SOPHIA_", "OPENAI_", "SLACK_")
"""Variables of the person's own Sophia, which the demo must neither use nor touch."""


@dataclass(frozen=True)
class DemoFolder:
    """Where everything of the demo is."""

    path: Path
    replaced: bool
    """What an earlier demo had left was deleted."""

    @property
    def config(self) -> Path:
        """The generated configuration."""
        return self.path / "sophia.toml"

    @property
    def shown(self) -> str:
        """Its path as a person types it."""
        here = Path.cwd()
        return str(self.path.relative_to(here) if self.path.is_relative_to(here) else self.path)

    @property
    def shown_config(self) -> str:
        """The configuration's path as a person types it."""
        return f"{self.shown}/{self.config.name}"

    @property
    def home(self) -> Path:
        """Sophia's data folder."""
        return self.path / ".sophia"

    @property
    def lab(self) -> Lab:
        """The services, seen without Pulumi."""
        return Lab(self.home)

    def environment(self) -> dict[str, str]:
        """For a child that is Sophia herself, working with this configuration and no other."""
        inherited = {name: value for name, value in own_environment().items() if not name.startswith(_OTHERS)}
        return inherited | {"SOPHIA_CONFIG": str(self.config), "COLUMNS": "98"}

    def configure(
        self,
        competitors: Sequence[WatchedCompetitor],
        *,
        origin: str,
        person: str,
        kind: str,
        live: str | None = None,
    ) -> Settings:
        """Write the configuration and load it like any other.

        `live` is an address that the person named on the command line: in private address space it is one that they
        mean, so that its origin is named exactly as well.
        """
        aspects = dict.fromkeys(page.aspect for competitor in competitors for page in competitor.pages)
        text = _template().render(
            file=self.shown_config,
            kind=kind,
            aspects=[*aspects],
            origin=origin,
            private_origins=[origin, *_private(live)],
            competitors=competitors,
            person=person,
        )
        self.config.write_text(text, encoding="utf-8")
        return load(directory=self.path, environ=self.environment())


def _private(address: str | None) -> list[str]:
    origin = origin_of(address) if address else None
    return [origin] if origin and is_private(origin) else []


def _template() -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    folder = FileSystemLoader(Path(__file__).parent)
    environment = Environment(loader=folder, undefined=StrictUndefined, autoescape=False)  # noqa: S701 - it isn't HTML
    environment.filters["toml"] = lambda value: json.dumps(value, ensure_ascii=False)
    return environment.get_template(_TEMPLATE)


@contextmanager
def opened_folder(path: Path) -> Iterator[DemoFolder]:
    """The folder, empty and ours alone until the block ends.

    What an earlier demo left is deleted, after its services were stopped. Raises RequesterMustFix when something
    else is there, OperatorMustAct when another demo runs in it or it can't be written.
    """
    path = path.expanduser().absolute()
    replaced = _fits(path)
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(path / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise OperatorMustAct(
            f"The demo's folder {path} can't be written: {error.strerror or error}.",
            not_done="Nothing was started.",
            to_do="Name another one with --folder.",
        ) from error
    try:
        _hold(lock, path)
        Lab(path / ".sophia").stop_all()
        _empty(path)
        (path / _MARK).write_text("Made by `sophia demo`, which deletes what is in this folder when it begins.\n")
        yield DemoFolder(path, replaced)
    finally:
        os.close(lock)


def _fits(path: Path) -> bool:
    """Whether an earlier demo is there; False when nothing is. Raises RequesterMustFix when it is something else."""
    if (path / _MARK).is_file():
        return True
    if path.exists() and (not path.is_dir() or any(item.name != _LOCK for item in path.iterdir())):
        raise RequesterMustFix(
            f"{path} holds something that isn't a demo's.",
            not_done="Nothing was started, and nothing in it was touched.",
            to_do="Name an empty or a new folder with --folder.",
        )
    return False


def _hold(lock: int, path: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise OperatorMustAct(
            f"Another demo is running in {path}.",
            not_done="This one wasn't started.",
            to_do="Let it end, or name another folder with --folder.",
        ) from error


def _empty(path: Path) -> None:
    for item in path.iterdir():
        if item.name == _LOCK:
            continue
        if item.is_dir() and not item.is_symlink():
            shutil.rmtree(item)
        else:
            item.unlink()
