"""Provokes failures: a Pulumi project in a folder of its own, the real command line, and what a case does to them."""

from __future__ import annotations

import json
import sys
import uuid
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from agent.settings.environment import own_environment
from evals.diagnosis.cases import Case, Step
from infra.declaration import StackDeclaration
from infra.diagnosis import Diagnosis
from infra.errors import InfraError
from infra.stacks import Stacks
from tools.web.probe import HttpxProbe

__all__ = ["STACK", "provoke"]

STACK = "suite"
_PASSPHRASE = "open"  # noqa: S105 - of a state that lasts as long as its case
_PROJECT = "name: suite\nruntime: python\n"
_PROVIDER = """
import pulumi
from pulumi.dynamic import CreateResult, Resource, ResourceProvider

from said import MESSAGE


class Provider(ResourceProvider):
    serialize_as_secret_always = False

    def create(self, props):
        raise Exception(MESSAGE)


class Thing(Resource, module="cloud", name="Thing"):
    def __init__(self, name, props, opts=None):
        super().__init__(Provider(), name, props, opts)
"""
_CLOUD = {"AWS_ACCESS_KEY_ID": "suite", "AWS_SECRET_ACCESS_KEY": "suite", "AWS_EC2_METADATA_DISABLED": "true"}
"""So that nothing looks for credentials elsewhere."""
_PROGRAM = "import things\n\nthings.Thing('thing', {'size': 1})\n"


@dataclass(frozen=True)
class _Ticket:
    id: str
    token: str


class _Desk:
    async def redeem(self, permit_id: str, token: str, *, tool: str) -> None:
        """Everything is approved here."""


class _Clock:
    def now(self) -> datetime:
        return datetime.now(UTC)


def _project(case: Case, folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "Pulumi.yaml").write_text(_PROJECT)
    (folder / "__main__.py").write_text(_PROGRAM)
    (folder / "things.py").write_text(_PROVIDER)
    (folder / "said.py").write_text(f"MESSAGE = {case.raises!r}\n")


def _stacks(case: Case, home: Path, passphrase: str) -> Stacks:
    folder = home / "project"
    declared = StackDeclaration.model_validate(
        {
            "name": STACK,
            "program": str(folder),
            "backend": case.backend or f"file://{home}",
            "passphrase_env": "SUITE_PASSPHRASE",
            "health": case.health,
            "watch_seconds": 0.5,
            "time_limit_seconds": case.seconds,
        }
    )
    environ = {**own_environment(), **_CLOUD, "PULUMI_PYTHON_CMD": sys.executable, "SUITE_PASSPHRASE": passphrase}
    return Stacks(
        declarations=[declared], home=home, environ=environ, clock=_Clock(), permits=_Desk(), probe=HttpxProbe()
    )


def _tamper(step: Step, home: Path) -> None:
    for name, text in step.write.items():
        (home / "project" / name).write_text(text)
    if step.state:
        path = home / ".pulumi/stacks/suite" / f"{STACK}.json"
        text, (old, new) = path.read_text(), step.state
        path.write_text(text.replace(old, new) if old else text[: len(text) // 2])
    if step.lock is not None:
        folder = home / ".pulumi/locks/organization/suite" / STACK
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{uuid.uuid4()}.json").write_text(json.dumps(step.lock))


async def _act(stacks: Stacks, step: Step, number: int) -> None:
    with suppress(InfraError):
        preview = await stacks.preview(STACK)
        if step.do == "deploy":
            await stacks.up(STACK, preview.binding, _Ticket(f"e_{number}", "once"), by="suite")


async def provoke(case: Case, home: Path) -> Diagnosis:
    """Do what the case says, and then ask why it failed."""
    _project(case, home / "project")
    passphrase = _PASSPHRASE
    for number, step in enumerate(case.steps):
        _tamper(step, home)
        passphrase = passphrase if step.passphrase is None else step.passphrase
        stacks = _stacks(case, home, passphrase)
        try:
            if step.do:
                await _act(stacks, step, number)
        finally:
            await stacks.aclose()
    stacks = _stacks(case, home, passphrase)
    try:
        return await stacks.diagnose(STACK)
    finally:
        await stacks.aclose()
