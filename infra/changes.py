"""A change on its way: what was approved, where and with what it is carried out."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infra.checkpoints import Checkpoint, Checkpoints, Reason
from infra.places import Place
from infra.ports import PermitLike
from infra.previews import Binding
from infra.runs import write_whole

__all__ = ["Change", "Scratch"]


@dataclass(frozen=True)
class Change:
    """One approved change."""

    place: Place
    binding: Binding
    permit: PermitLike
    by: str
    tool: str
    reason: Reason
    words: str
    """For Pulumi's history."""
    config: str
    """The configuration's text that it applies."""
    program: str
    commit: str = ""
    arguments: dict[str, Any] = field(default_factory=dict)
    """For the engine: `config_file`, `targets`, `exclude`."""
    work_dir: Path | None = None
    restore: bool = False
    destroys: bool = False
    watch_health: bool = True


class Scratch:
    """Working directories and configuration files of what isn't on disk any more."""

    def __init__(self, root: Path, checkpoints: Checkpoints) -> None:
        self._root = root / "scratch"
        self._checkpoints = checkpoints

    def config_file(self, place: Place, text: str, mark: str, work_dir: Path | None) -> str:
        """A configuration file with that text; empty when the one in the stack's own directory has it and is used."""
        if work_dir is None and text == place.config_text():
            return ""
        path = self._root / place.name / mark / f"Pulumi.{place.declaration.pulumi_name.rpartition('/')[2]}.yaml"
        write_whole(path, text)
        return str(path)

    def work_dir(self, place: Place, program: str, current: str) -> tuple[Path | None, str]:
        """A directory with a kept program, and a warning when there is none; None: the stack's own will do."""
        if place.declaration.lab:
            moved = program != current
            return (
                None,
                "the lab program of that time belongs to another installation; today's is used" if moved else "",
            )
        if program == current:
            return None, ""
        if not self._checkpoints.has_program(program):
            return None, "the program of that time isn't kept; the one on disk is used"
        folder = self._root / place.name / f"program-{program[:16]}"
        if not folder.exists():
            draft = folder.with_name(f".{folder.name}.{os.getpid()}")
            self._checkpoints.unpack_program(program, draft)
            for name in (".venv", "venv", "env", "node_modules"):
                if (place.work_dir / name).is_dir():
                    (draft / name).symlink_to(place.work_dir / name, target_is_directory=True)
            draft.rename(folder)
        return folder, ""


def target_of(checkpoint: Checkpoint) -> str:
    """What a checkpoint is called in a history."""
    return f"{checkpoint.label} ({checkpoint.at:%Y-%m-%d %H:%M} UTC)"
