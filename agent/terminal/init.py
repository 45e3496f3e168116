"""`sophia init`: a commented sophia.toml to begin with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from agent.errors import OperatorMustAct, RequesterMustFix
from agent.settings.defaults import starting_file
from agent.settings.finding import FILE_NAME

__all__ = ["Written", "initialise"]


@dataclass(frozen=True)
class Written:
    """What was written, and where what was there before has gone."""

    path: Path
    kept: Path | None = None

    def __str__(self) -> str:
        before = f" What was there before is in {self.kept}." if self.kept else ""
        return f"Wrote {self.path}.{before} It says what is built in: change it, then look with `sophia doctor`."


def initialise(path: Path, force: bool = False) -> Written:
    """Write the file, or `sophia.toml` in the folder that `path` is.

    Raises RequesterMustFix when something is there and `force` isn't given, OperatorMustAct when it can't be written.
    """
    target = path / FILE_NAME if path.is_dir() else path
    try:
        return _write(target, starting_file(), force=force)
    except FileExistsError as error:
        raise RequesterMustFix(
            f"{target} exists.",
            not_done="It was left as it is.",
            to_do="Write to another place, or say --force: the old one is kept beside it.",
        ) from error
    except OSError as error:
        raise OperatorMustAct(
            f"{target} can't be written: {error.strerror or error}.",
            not_done="Nothing was changed.",
            to_do="Choose a folder that you may write to.",
        ) from error


def _write(target: Path, text: str, *, force: bool) -> Written:
    kept = _keep(target) if force else None
    if not force:
        _create(target, text)
        return Written(target)
    _create(new := _unused(target, "new"), text)
    new.replace(target)
    return Written(target, kept)


def _create(target: Path, text: str) -> None:
    """Never over anything that is there, whoever else writes at the same time."""
    with target.open("x", encoding="utf-8") as file:
        file.write(text)


def _keep(target: Path) -> Path | None:
    if not target.exists():
        return None
    kept = _unused(target, "old")
    _create(kept, target.read_text(encoding="utf-8", errors="surrogateescape"))
    return kept


def _unused(target: Path, ending: str) -> Path:
    names = (target.with_name(f"{target.name}.{number}.{ending}") for number in range(1, 10_000))
    return next(name for name in names if not name.exists())
