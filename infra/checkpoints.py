"""Checkpoints: what a stack was, kept before every change, and what was applied last.

A checkpoint is a folder: the state as Pulumi keeps it (secrets encrypted), the configuration that was applied, the
configuration on disk, the outputs (secrets masked), and a manifest with each part's digest. Programs are kept once
each, by digest. What is written is read back and compared.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import secrets
import shutil
import tarfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from infra.applied import Applied, read_applied
from infra.backend import Deployment
from infra.backups import Backups
from infra.digests import declared_digest, program_files
from infra.errors import InfraError, NotChanged, UnknownCheckpoint
from infra.moments import moment
from infra.places import Place
from infra.ports import ObjectStore
from infra.runs import permit_in, write_whole

__all__ = ["Checkpoint", "Checkpoints"]

Reason = Literal["named", "before deploy", "before rollback", "before repair", "before destroy"]
_LAST_DEPLOY = re.compile(r"(?:before )?(?:the )?(?:last|latest|previous) (?:deploy(?:ment)?|release|change|update)")
_PROGRAM_LIMIT = 64 * 1024 * 1024


class Checkpoint(BaseModel):
    """What a stack was at one moment."""

    model_config = ConfigDict(frozen=True)

    id: str
    stack: str
    at: datetime
    reason: Reason
    name: str = ""
    permit: str = ""
    by: str = ""
    resources: int = 0
    state: str = ""
    """Digest of what the state declares."""
    declared: str = ""
    """Digest of the inputs alone: what the program and configuration asked for."""
    program: str = ""
    commit: str = ""
    applied_known: bool = True
    """The configuration and program are those of the last deploy, not just those on disk."""
    alone: tuple[str, ...] = ()
    """URNs of what had been deployed alone by then, from another program or configuration than the rest."""
    outputs: dict[str, Any] = {}
    healthy: bool | None = None
    parts: dict[str, str] = {}
    """File → SHA-256."""

    @property
    def empty(self) -> bool:
        """There was nothing yet."""
        return self.resources == 0 and not self.outputs

    @property
    def label(self) -> str:
        """What people call it."""
        return self.name or self.id

    @property
    def sentence(self) -> str:
        """For a list."""
        return f"{self.label}: {self.reason}, {self.at:%Y-%m-%d %H:%M} UTC, {self.resources} resources"


class Checkpoints:
    """The store of checkpoints: a folder. Nothing in it is ever changed; what is old and has no name goes."""

    def __init__(self, root: Path, *, keep: int = 100, store: ObjectStore | None = None) -> None:
        """`keep` is how many without a name each stack has; those with one stay for ever. `store` gets copies."""
        self._keep = keep
        self._backups = Backups(root / "checkpoints", store)
        self._root = root / "checkpoints"
        self._applied = root / "applied"
        self._programs = root / "checkpoints" / "programs"

    def take(
        self,
        place: Place,
        deployment: Deployment | None,
        *,
        at: datetime,
        reason: Reason,
        state: str,
        name: str = "",
        permit: str = "",
        by: str = "",
        healthy: bool | None = None,
    ) -> Checkpoint:
        """Keep the stack as it is now. Raises InfraError when what was written doesn't read back."""
        applied = self.applied(place)
        source = place.source()
        config = applied.config if applied else place.config_text()
        program = applied.program if applied else source.digest
        checkpoint_id = f"c_{at:%Y%m%dT%H%M%S}_{secrets.token_hex(3)}"
        folder = self._root / place.name / checkpoint_id
        state_text = deployment.raw if deployment else "null"
        contents = {"state.json": state_text, "config.yaml": config, "disk-config.yaml": place.config_text()}
        parts = _written(folder, contents)
        if not applied:
            self.keep_program(place, source.digest)
        checkpoint = Checkpoint(
            id=checkpoint_id,
            stack=place.name,
            at=at,
            reason=reason,
            name=name,
            permit=permit,
            by=by,
            resources=len(deployment.real) if deployment else 0,
            state=state,
            declared=declared_digest(deployment),
            program=program,
            commit=applied.commit if applied else source.commit,
            applied_known=applied is not None,
            alone=tuple(sorted(applied.alone)) if applied else (),
            outputs=deployment.outputs if deployment else {},
            healthy=healthy,
            parts=parts,
        )
        write_whole(folder / "manifest.json", checkpoint.model_dump_json(indent=1))
        self.verify(checkpoint)
        self._backups.keep(folder, self._programs / f"{program}.tar")
        self._retire(place.name)
        return checkpoint

    def _retire(self, stack: str) -> None:
        """Remove the oldest without a name, and programs that nothing refers to any more."""
        retired = [item for item in self.of(stack) if not item.name][self._keep :]
        for item in retired:
            folder = self._root / stack / item.id
            (folder / "manifest.json").unlink(missing_ok=True)
            shutil.rmtree(folder, ignore_errors=True)
            self._backups.forget(folder)
        if retired:
            self._retire_programs({item.program for item in retired})

    def _retire_programs(self, programs: set[str]) -> None:
        stacks = [folder.name for folder in self._root.iterdir() if folder.is_dir() and folder != self._programs]
        used = {item.program for stack in stacks for item in self.of(stack)}
        for path in self._applied.glob("*.json"):
            with suppress(ValueError):
                used |= Applied.model_validate_json(path.read_text()).programs
        for program in programs - used:
            (self._programs / f"{program}.tar").unlink(missing_ok=True)

    def verify(self, checkpoint: Checkpoint) -> None:
        """Read everything back. Raises InfraError when a part is missing or differs."""
        folder = self._root / checkpoint.stack / checkpoint.id
        for part, wanted in checkpoint.parts.items():
            try:
                found = hashlib.sha256((folder / part).read_bytes()).hexdigest()
            except OSError:
                found = ""
            if found != wanted:
                raise InfraError(
                    f"Checkpoint {checkpoint.label} of {checkpoint.stack} is damaged: {part} isn't what was written.",
                    not_done="It was not used.",
                    to_do="Look at the disk; choose an older checkpoint.",
                )

    def read(self, checkpoint: Checkpoint, part: str) -> str:
        """One part's text."""
        return (self._root / checkpoint.stack / checkpoint.id / part).read_text()

    def of(self, stack: str) -> list[Checkpoint]:
        """All checkpoints of a stack, newest first."""
        folder = self._root / stack
        found = []
        for path in folder.glob("c_*/manifest.json") if folder.is_dir() else []:
            try:
                found.append(Checkpoint.model_validate(json.loads(path.read_text())))
            except (ValueError, FileNotFoundError):  # half written, or retired by another worker since it was listed
                continue
        return sorted(found, key=lambda item: item.at, reverse=True)

    def find(self, stack: str, wanted: str, *, now: datetime | None = None, zone: str = "UTC") -> Checkpoint:
        """By id, by name, by the beginning of a commit, or as the last deploy is called; and, when it is known what
        time it is, as it was at a moment. What isn't here is looked for in the backup store.
        Raises UnknownCheckpoint or NotChanged.
        """
        every = self.of(stack)
        for item in every:
            if wanted in (item.id, item.name, item.permit) or (len(wanted) >= 7 and item.commit.startswith(wanted)):
                return item
        lowered = wanted.casefold().strip()
        for item in every:
            if item.name.casefold() == lowered:
                return item
        if _LAST_DEPLOY.fullmatch(lowered):
            return self.before_last_change(stack)
        at = moment(lowered, now, zone) if now else None
        if at is not None and every:
            return self.at(stack, at)
        if self._backups.recall(stack):
            return self.find(stack, wanted, now=now, zone=zone)
        if not every:
            raise UnknownCheckpoint.for_want_of_any(stack)
        raise UnknownCheckpoint(wanted, [item.label for item in every])

    def by_permit(self, stack: str, permit: str) -> Checkpoint | None:
        """The checkpoint that was taken under a permit."""
        return next((item for item in self.of(stack) if item.permit == permit), None)

    def before_last_change(self, stack: str) -> Checkpoint:
        """What `undo the last deploy` means. Raises UnknownCheckpoint when nothing was deployed by Sophia."""
        for item in self.of(stack):
            if item.reason == "before deploy":
                return item
        every = [item.label for item in self.of(stack)]
        raise UnknownCheckpoint("before the last deploy", every) if every else UnknownCheckpoint.for_want_of_any(stack)

    def at(self, stack: str, moment: datetime) -> Checkpoint:
        """The stack as it was at a moment: the first checkpoint from then on, because each is taken before a change;
        after the last of them nothing was changed. Raises NotChanged then.
        """
        later = [item for item in self.of(stack) if item.at >= moment]
        if later:
            return later[-1]
        raise NotChanged(
            f"{stack} is as it was at {moment:%Y-%m-%d %H:%M} UTC: nothing was changed through Sophia since.",
            not_done="Nothing was done.",
            to_do=f"`history of {stack}` shows what was; `check {stack} for drift` shows changes by others.",
        )

    def applied(self, place: Place) -> Applied | None:
        """What was applied last, as far as we know it; None when somebody else deployed since, or nobody did."""
        found = read_applied(self._applied.parent, place.name)
        if found is None:
            return None
        later = place.state.length() - found.history if place.state else 0
        since = place.state.history(later) if place.state and later > 0 else []
        ours = all(item.kind == "refresh" or permit_in(item.message) for item in since)
        return found if ours and later >= 0 else None

    def part(self, place: Place) -> Sequence[str] | None:
        """The URNs that the stack's outputs tell of, while the rest was made from something else; None: all."""
        found = self.applied(place)
        return found.latest if found and found.alone else None

    def note_applied(self, place: Place, applied: Applied, program: str) -> None:
        """Remember what is applied now, and keep the program that was just used."""
        self.keep_program(place, program)
        write_whole(self._applied / f"{place.name}.json", applied.model_dump_json())

    def keep_program(self, place: Place, program: str) -> None:
        """Keep the program on disk under its digest. A lab program is part of this installation and isn't kept."""
        path = self._programs / f"{program}.tar"
        if place.declaration.lab or path.exists():
            return
        base = place.program_dir()
        size = sum(file.stat().st_size for file in program_files(base))
        if size > _PROGRAM_LIMIT:
            return
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as archive:
            for file in program_files(base):
                archive.add(file, arcname=str(file.relative_to(base)), recursive=False)
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{secrets.token_hex(3)}")
        draft.write_bytes(buffer.getvalue())
        draft.replace(path)

    def has_program(self, program: str) -> bool:
        """Whether the program of that digest is kept."""
        return (self._programs / f"{program}.tar").exists()

    def unpack_program(self, program: str, folder: Path) -> None:
        """Put a kept program into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        with tarfile.open(self._programs / f"{program}.tar") as archive:
            archive.extractall(folder, filter="data")


def _written(folder: Path, contents: Mapping[str, str]) -> dict[str, str]:
    """Write each part of a checkpoint; file → SHA-256."""
    for part, text in contents.items():
        write_whole(folder / part, text)
    return {part: hashlib.sha256(text.encode()).hexdigest() for part, text in contents.items()}
