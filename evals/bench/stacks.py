"""What stacks cost: a deploy beside a script with the same calls, an output beside one call of the command line, a list
beside one call as well, and five drift checks side by side beside one after the other.

Each is measured over Pulumi itself, on a project whose resources do nothing.
"""

from __future__ import annotations

import asyncio
import getpass
import resource
import sys
import sysconfig
import tempfile
import time
import venv
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median

from pydantic import TypeAdapter

from agent.clock import SystemClock
from agent.composition import open_sophia
from agent.settings import load, process_environment
from agent.sophia import Sophia
from evals.bench.cold import BARE, SOPHIA
from evals.bench.measuring import Figure, Sample, Way, alternate
from infra.cli import CliInstallation, ensure_cli
from infra.stacks import StackDeclaration, Stacks
from tools.permits import PermitDesk
from tools.web.probe import HttpxProbe

__all__ = ["measure_stacks"]

BIG, SMALL, LISTED = 100, 5, 50
_VARIABLE = "BENCH_PASSPHRASE"
"""Of the environment, that holds the passphrase."""
_SMALL = tuple(f"small{number}" for number in range(1, 6))
_PROJECT = {
    "Pulumi.yaml": "name: bench\nruntime: python\n",
    "thing.py": """
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, ResourceProvider, UpdateResult
class Provider(ResourceProvider):
    serialize_as_secret_always = False
    def create(self, props): return CreateResult("x", {"text": props["text"]})
    def read(self, id_, props): return ReadResult(id_, {"text": props["text"]})
    def diff(self, _id, olds, news): return DiffResult(changes=olds["text"] != news["text"])
    def update(self, _id, olds, news): return UpdateResult({"text": news["text"]})
class Thing(Resource, module="bench", name="Thing"):
    def __init__(self, name, text): super().__init__(Provider(), name, {"text": text})
""",
    "__main__.py": """
import pulumi
from thing import Thing
config = pulumi.Config()
for number in range(config.require_int("count")):
    Thing(f"thing-{number}", config.require("text"))
pulumi.export("url", "http://127.0.0.1/" + config.require("text"))
""",
}
_MAKE = """
import sys
from pulumi import automation
for name in sys.argv[2:]:
    automation.create_or_select_stack(name, work_dir=sys.argv[1]).up(color="never")
"""
_SAME_CALLS = """
import sys
from pulumi import automation
def hear(event): pass
stack = automation.select_stack("big", work_dir=sys.argv[1])
stack.preview_refresh(color="never", show_secrets=False, on_event=hear)
stack.preview(plan=sys.argv[2], color="never", on_event=hear)
stack.preview_refresh(color="never", show_secrets=False, on_event=hear)
stack.up(plan=sys.argv[2], color="never", show_secrets=False, on_event=hear)
"""
_ONE_CALL = f"""{BARE}
import subprocess, sys
subprocess.run(["pulumi", "stack", "output", "url", "--stack", "small1"], cwd=sys.argv[1], check=True)
"""


class _Ground:
    """The project with its stacks, and an environment in which Pulumi works on it."""

    def __init__(self, folder: Path, cli: CliInstallation) -> None:
        self.folder, self.cli = folder, cli
        self.project = folder / "project"
        self.texts = 0
        ours = process_environment()
        self.environ = ours | {
            "PATH": f"{cli.root / 'bin'}:{ours.get('PATH', '')}",
            "PULUMI_BACKEND_URL": f"file://{folder}",
            "PULUMI_CONFIG_PASSPHRASE": "bench",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            _VARIABLE: "bench",
            "SOPHIA_HOME": str(folder / "home"),
            "SOPHIA_MODEL": "",
        }

    def lay(self) -> None:
        """Write the project, its environment and sophia.toml."""
        self.project.mkdir()
        for name, text in _PROJECT.items():
            (self.project / name).write_text(text)
        venv.create(self.project / ".venv", symlinks=True)
        site = next((self.project / ".venv").glob("lib/python*/site-packages"))
        (site / "bench.pth").write_text(sysconfig.get_path("purelib") + "\n")
        for name in ("big", *_SMALL):
            self.configure(name)
        lines = [
            f'[stacks.{name}]\nprogram = "{self.project}"\nbackend = "file://{self.folder}"\n'
            f'passphrase_env = "{_VARIABLE}"\nwatch_seconds = 0\n'
            for name in ("big", *_SMALL)
        ]
        people = f'[people.ann]\nroles = ["requester", "approver"]\nsystem_users = ["{getpass.getuser()}"]\n'
        (self.folder / "sophia.toml").write_text(people + "".join(lines))

    def configure(self, stack: str) -> None:
        """Give a stack's resources a text that they haven't had, and keep its salt."""
        self.texts += 1
        path = self.project / f"Pulumi.{stack}.yaml"
        kept = [line for line in _lines(path) if line.startswith("encryptionsalt")]
        count = BIG if stack == "big" else SMALL
        path.write_text("\n".join([*kept, "config:", f"  bench:count: {count}", f"  bench:text: t{self.texts}", ""]))

    async def run(self, program: str, *arguments: str) -> None:
        """A Python program in a process of its own. Raises RuntimeError."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", program, *arguments, cwd=self.folder,
            env=self.environ | {"PULUMI_PYTHON_CMD": str(self.project / ".venv" / "bin" / "python")},
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        _, said = await process.communicate()
        if process.returncode:
            raise RuntimeError(f"{arguments} failed: {said.decode()[-2000:]}")

    def way(self, program: str, *arguments: str) -> Way:
        """To measure it."""

        async def once() -> Sample:
            before, started = _children(), time.perf_counter()
            await self.run(program, *arguments)
            return Sample(time.perf_counter() - started, _children() - before)

        return once

    def declarations(self, names: Sequence[str]) -> list[StackDeclaration]:
        """The project's stacks, under as many names as are wanted."""
        return [
            StackDeclaration(
                name=name,
                pulumi_stack=("big", *_SMALL)[number % 6],
                program=str(self.project),
                backend=f"file://{self.folder}",
                passphrase_env=_VARIABLE,
                watch_seconds=0.0,
            )
            for number, name in enumerate(names)
        ]

    def stacks(self, names: Sequence[str], permits: PermitDesk) -> Stacks:
        """Them, as Sophia has them."""
        return Stacks(
            declarations=self.declarations(names),
            home=self.folder / "home",
            environ=self.environ,
            clock=SystemClock(),
            permits=permits,
            probe=HttpxProbe(),
            cli=lambda: self.cli,
        )


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@asynccontextmanager
async def _sophia(ground: _Ground) -> AsyncIterator[tuple[Sophia, Stacks]]:
    opened: list[Sophia] = []
    made: list[Stacks] = []

    def stacks() -> Stacks:
        made.append(ground.stacks(("big", *_SMALL), opened[0].ports.get(PermitDesk)))
        return made[0]

    settings = load(directory=ground.folder, environ=ground.environ)
    async with open_sophia(settings, ports={Stacks: stacks}) as sophia:
        opened.append(sophia)
        yield sophia, sophia.ports.get(Stacks)


async def _deploy(sophia: Sophia) -> dict[str, float]:
    """A whole turn: understood, previewed, approved, carried out, verified, reported. What each of its safety steps
    took, in seconds. Raises RuntimeError.
    """
    ann = sophia.people.get("ann")
    assert ann is not None
    turn = await sophia.receive("deploy big", ann, thread="c_bench", surface="terminal", audience="person:ann")
    await sophia.drive(turn.id)
    for approval in await sophia.approvals.of_turn(turn.id):
        await sophia.decide(approval.id, ann, approve=True)
    await sophia.drive(turn.id)
    report = await sophia.report(turn.id)
    if report.status != "done":
        raise RuntimeError("; ".join(report.not_done()) or report.question)
    result = report.steps[0].result
    assert isinstance(result, dict)
    return TypeAdapter(dict[str, float]).validate_python(result["timings"])


async def measure_stacks(runs: int) -> list[Figure]:
    """All four. `runs` of each, taking turns."""
    with tempfile.TemporaryDirectory(prefix="sophia-bench-") as folder:
        ground = _Ground(Path(folder), await asyncio.to_thread(ensure_cli, environ=process_environment()))
        ground.lay()
        await ground.run(_MAKE, str(ground.project), "big", *_SMALL)
        async with _sophia(ground) as (sophia, stacks):
            costs: list[dict[str, float]] = []
            found = await alternate(runs, _ways(ground, sophia, stacks, costs))
    return _figures(found, {step: round(median(cost.get(step, 0.0) for cost in costs), 3) for step in costs[-1]})


def _ways(ground: _Ground, sophia: Sophia, stacks: Stacks, costs: list[dict[str, float]]) -> Mapping[str, Way]:
    listed = ground.stacks([f"s{number}" for number in range(LISTED)], sophia.ports.get(PermitDesk))

    async def turn() -> Sample:
        ground.configure("big")
        began = time.perf_counter()
        costs.append(await _deploy(sophia))
        return Sample(time.perf_counter() - began, 0.0)

    async def script() -> Sample:
        ground.configure("big")
        plan = ground.folder / f"plan-{ground.texts}.json"
        return await ground.way(_SAME_CALLS, str(ground.project), str(plan))()

    async def every() -> None:
        await asyncio.gather(*map(stacks.drift, _SMALL))

    async def each() -> None:
        for name in _SMALL:
            await stacks.drift(name)

    async def listing() -> None:
        assert len([line for line in listed.list() if line.deployed]) == LISTED

    call = "import subprocess, sys; subprocess.run(['pulumi', 'stack', 'ls'], cwd=sys.argv[1], check=True)"
    return {
        "turn": turn,
        "script": script,
        "url": ground.way(SOPHIA, "ask", "what is the url of small1?"),
        "output": ground.way(_ONE_CALL, str(ground.project)),
        "list": lambda: _clocked(listing()),
        "call": ground.way(call, str(ground.project)),
        "side by side": lambda: _clocked(every()),
        "one after the other": lambda: _clocked(each()),
    }


async def _clocked(work: Awaitable[None]) -> Sample:
    began = time.perf_counter()
    await work
    return Sample(time.perf_counter() - began, 0.0)


def _figures(found: Mapping[str, Sample], costs: Mapping[str, float]) -> list[Figure]:
    deploy = _figure("stack.deploy_ratio", found, "turn", "script", max(1.05, 1 + 0.5 / found["script"].wall))
    return [
        replace(deploy, beside={**deploy.beside, "of the turn, seconds": dict(costs)}),
        Figure(
            "stack.url_ratio",
            found["url"].over(found["output"]),
            "× bare imports and one call of the command line, processor time",
            at_most=1.25,
            beside={"seconds": round(found["url"].wall, 3), "theirs": round(found["output"].wall, 3)},
        ),
        _figure("stack.list_ratio", found, "list", "call", 1.0),
        _figure("stack.drift_ratio", found, "side by side", "one after the other", 0.7),
    ]


def _figure(name: str, found: Mapping[str, Sample], ours: str, theirs: str, at_most: float) -> Figure:
    beside = {f"{way}, seconds": round(found[way].wall, 3) for way in (ours, theirs)}
    return Figure(name, found[ours].wall / found[theirs].wall, f"× {theirs}", at_most=at_most, beside=dict(beside))
