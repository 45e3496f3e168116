"""Health and smoke checks of a stack: HTTP, TCP, commands and properties in the state, once or within a window."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from pydantic import BaseModel, ConfigDict

from infra.backend import Deployment
from infra.declaration import CommandCheck, HealthCheck, HttpCheck, ResourceCheck, TcpCheck
from infra.places import Place
from infra.ports import HttpProbe

__all__ = ["CheckResult", "Health", "HealthReport"]

_PAUSE_SECONDS = 0.25
_CONFIRM = 2
"""So many rounds in a row must be green."""


class CheckResult(BaseModel):
    """One check's outcome."""

    model_config = ConfigDict(frozen=True)

    name: str
    ok: bool
    found: str
    where: str = ""
    """The address that was asked."""
    millis: int = 0

    @property
    def sentence(self) -> str:
        """For a person."""
        where = f"{self.where} " if self.where else ""
        return f"{self.name}: {'ok' if self.ok else 'FAILED'}, {where}{self.found}"


class HealthReport(BaseModel):
    """All checks of a stack at one moment."""

    model_config = ConfigDict(frozen=True)

    checks: tuple[CheckResult, ...] = ()
    seconds: float = 0.0

    @property
    def healthy(self) -> bool:
        """Every check is ok; a stack without checks counts as healthy."""
        return all(check.ok for check in self.checks)

    @property
    def failed(self) -> tuple[CheckResult, ...]:
        """Those that aren't."""
        return tuple(check for check in self.checks if not check.ok)

    @property
    def failures(self) -> tuple[str, ...]:
        """A sentence for each thing that is wrong, with all the checks that found it."""
        alike: dict[str, list[CheckResult]] = {}
        for check in self.failed:
            alike.setdefault(check.found, []).append(check)
        return tuple(
            checks[0].sentence if len(checks) == 1 else f"{', '.join(check.name for check in checks)}: FAILED, {found}"
            for found, checks in alike.items()
        )


def _targets(check: HttpCheck, outputs: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if check.url:
        yield check.name or check.url, check.url
        return
    value = outputs.get(check.output)
    if isinstance(value, dict):
        yield from ((f"{check.name} {name}".strip(), str(url)) for name, url in sorted(value.items()))
    elif value:
        yield check.name or check.output, str(value)


def _names(target: str, urns: Sequence[str]) -> bool:
    return any(urn.rsplit("::", maxsplit=1)[-1] == target.rpartition(" ")[2] for urn in urns)


class Health:
    """Runs the checks that a stack declares."""

    def __init__(self, probe: HttpProbe, part: Callable[[Place], Sequence[str] | None]) -> None:
        """`part` tells which resources a stack's outputs tell of alone, as URNs; None: of all."""
        self._probe = probe
        self._part = part

    async def once(self, place: Place, deployment: Deployment | None) -> HealthReport:
        """Every check, side by side."""
        begun = time.monotonic()
        outputs = deployment.given_out if deployment else {}
        rounds = [self._one(check, outputs, deployment, place) for check in place.declaration.health]
        results = await asyncio.gather(*rounds)
        checks = tuple(result for several in results for result in several)
        return HealthReport(checks=checks, seconds=round(time.monotonic() - begun, 3))

    async def watch(self, place: Place, deployment: Deployment | None) -> HealthReport:
        """Until two rounds in a row are green, or the declared window is over; the last round's answers."""
        begun = time.monotonic()
        green = 0
        while True:
            report = await self.once(place, deployment)
            green = green + 1 if report.healthy else 0
            spent = time.monotonic() - begun
            if (
                green >= _CONFIRM
                or not report.checks
                or (not report.healthy and spent >= place.declaration.watch_seconds)
            ):
                return report.model_copy(update={"seconds": round(spent, 3)})
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _one(
        self, check: HealthCheck, outputs: Mapping[str, Any], deployment: Deployment | None, place: Place
    ) -> list[CheckResult]:
        match check:
            case HttpCheck():
                targets = list(_targets(check, outputs))
                if not targets:
                    return [CheckResult(name=check.name or check.output, ok=False, found=f"no output {check.output}")]
                part = self._part(place) if check.fields else None
                whole = [part is None or _names(target[0], part) for target in targets]
                asked = zip(targets, whole, strict=True)
                return list(
                    await asyncio.gather(*(self._http(check, *target, outputs, fields) for target, fields in asked))
                )
            case TcpCheck():
                return [await self._tcp(check)]
            case CommandCheck():
                return [await self._command(check, place)]
            case ResourceCheck():
                return [_resource(check, deployment)]

    async def _http(
        self, check: HttpCheck, name: str, url: str, outputs: Mapping[str, Any], fields: bool
    ) -> CheckResult:
        """One address. What it answers is compared with the outputs only where these tell of it."""
        answer = await self._probe.get(url, timeout=check.timeout_seconds)
        if answer.status is None:
            problem = answer.problem or "no answer"
            return CheckResult(name=name, ok=False, found=problem, where=url, millis=answer.millis)
        problems = [] if answer.status == check.status else [f"status {answer.status}"]
        body: Any = None
        with suppress(ValueError):
            body = json.loads(answer.body)
        for field, output in check.fields.items() if fields else ():
            seen = body.get(field) if isinstance(body, dict) else None
            if str(seen) != str(outputs.get(output)):
                problems.append(f"{field} is {seen} and should be {outputs.get(output)}")
        if problems and isinstance(body, dict) and body.get("error"):
            problems.append(str(body["error"])[:200])
        found = f"answered {'; '.join(problems) if problems else answer.status}"
        found += "" if fields else f" ({', '.join(check.fields)} not compared: the last change wasn't about it)"
        return CheckResult(name=name, ok=not problems, found=found, where=url, millis=answer.millis)

    @staticmethod
    async def _tcp(check: TcpCheck) -> CheckResult:
        host, _, port = check.address.rpartition(":")
        name = check.name or check.address
        try:
            async with asyncio.timeout(check.timeout_seconds):
                _, writer = await asyncio.open_connection(host, int(port))
        except ConnectionRefusedError:
            return CheckResult(name=name, ok=False, found="refuses connections", where=check.address)
        except (OSError, TimeoutError, ValueError) as error:
            return CheckResult(name=name, ok=False, found=f"{check.address}: {str(error) or 'no answer in time'}")
        writer.close()
        return CheckResult(name=name, ok=True, found=f"{check.address} accepts connections")

    @staticmethod
    async def _command(check: CommandCheck, place: Place) -> CheckResult:
        name = check.name or check.command[0]
        environ = {key: value for key, value in place.environ.items() if "PASSPHRASE" not in key}
        try:
            process = await asyncio.create_subprocess_exec(
                *check.command,
                cwd=place.work_dir,
                env=environ,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
            )
        except OSError as error:
            return CheckResult(name=name, ok=False, found=f"couldn't be run: {error.strerror}")
        try:
            async with asyncio.timeout(check.timeout_seconds):
                output, _ = await process.communicate()
        except TimeoutError:
            process.kill()
            await process.communicate()
            return CheckResult(name=name, ok=False, found=f"didn't end within {check.timeout_seconds:.0f} s")
        last = output.decode(errors="replace").strip().splitlines()[-1:]
        return CheckResult(
            name=name,
            ok=process.returncode == 0,
            found=f"exit {process.returncode}" + "".join(f": {line}" for line in last),
        )


def _resource(check: ResourceCheck, deployment: Deployment | None) -> CheckResult:
    matching = [item for item in (deployment.real if deployment else ()) if item["type"] == check.type]
    wrong = [item for item in matching if str((item.get("outputs") or {}).get(check.property)) != check.equals]
    name = check.name or f"{check.type}.{check.property}"
    if not matching:
        return CheckResult(name=name, ok=False, found=f"no resource of type {check.type}")
    found = f"{len(matching) - len(wrong)} of {len(matching)} have {check.property} = {check.equals}"
    return CheckResult(name=name, ok=not wrong, found=found)
