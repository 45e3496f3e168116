"""The stacks of the configuration as the engine wants them declared."""

from __future__ import annotations

from agent.settings import HealthCheck, Settings, Stack
from agent.settings.stacks import Credentials as Given
from infra.declaration import CommandCheck, Credentials, HttpCheck, ResourceCheck, StackDeclaration, TcpCheck
from infra.lab.declarations import LAB_HEALTH

__all__ = ["declarations_of"]

LAB_WATCH_SECONDS = 2.0
"""Lab services are up at once or never."""


def declarations_of(settings: Settings) -> tuple[StackDeclaration, ...]:
    """Every configured stack; a lab stack without health checks has those of the lab."""
    team = settings.schedules.operations_channel
    otherwise = team if team in settings.channels else ""
    return tuple(_declared(stack, settings.business.zone, otherwise) for stack in settings.stacks.values())


def _declared(stack: Stack, zone: str, channel: str) -> StackDeclaration:
    as_lab = stack.lab is not None and not stack.health
    watch = LAB_WATCH_SECONDS if as_lab and "watch_seconds" not in stack.model_fields_set else stack.watch_seconds
    return StackDeclaration(
        name=stack.name,
        environment=stack.environment,
        program=stack.program,
        pulumi_stack=stack.pulumi_stack or "",
        backend=stack.backend or "",
        protected=stack.protected,
        owners=stack.owners,
        channel=stack.channel or channel,
        aliases=stack.aliases,
        health=(LAB_HEALTH,) if as_lab else tuple(_check(check) for check in stack.health),
        watch_seconds=watch,
        freeze=stack.freeze,
        zone=zone,
        passphrase_env=stack.passphrase_env or "",
        secrets_provider=stack.secrets_provider or "",
        preview_credentials=_credentials(stack.preview_credentials),
        apply_credentials=_credentials(stack.apply_credentials),
        logs=stack.logs,
        data_types=stack.data_types,
        time_limit_seconds=stack.time_limit_seconds,
    )


def _credentials(given: Given | None) -> Credentials | None:
    return Credentials(variables=dict(given.variables), command=given.command) if given else None


def _check(check: HealthCheck) -> HttpCheck | TcpCheck | CommandCheck | ResourceCheck:
    name, seconds = check.name, check.timeout_seconds
    if check.tcp is not None:
        return TcpCheck(name=name, address=check.tcp, timeout_seconds=seconds)
    if check.command is not None:
        return CommandCheck(name=name, command=check.command, timeout_seconds=seconds)
    if check.resource is not None:
        where, equals = check.where or "", check.equals or ""
        return ResourceCheck(name=name, type=check.resource, property=where, equals=equals, timeout_seconds=seconds)
    return HttpCheck(
        name=name,
        url=check.http or "",
        output=check.output or "",
        status=check.status,
        fields=dict(check.fields),
        timeout_seconds=seconds,
    )
