"""The lab stacks as they are declared when the configuration names none."""

from __future__ import annotations

from infra.declaration import HttpCheck, StackDeclaration

__all__ = ["LAB_HEALTH", "lab_declarations"]

LAB_HEALTH = HttpCheck(
    output="health", fields={"version": "version", "replicas": "instance_count"}, timeout_seconds=2.0
)
"""Every service's health endpoint answers, with the version and number of replicas that the stack says."""


def _stack(name: str, environment: str, *aliases: str, protected: bool = False) -> StackDeclaration:
    return StackDeclaration(
        name=name,
        environment=environment,
        program=f"lab:{name}",
        protected=protected,
        aliases=aliases,
        health=(LAB_HEALTH,),
        watch_seconds=2.0,
        time_limit_seconds=600.0,
    )


def lab_declarations() -> tuple[StackDeclaration, ...]:
    """development, production, sophia-production and sophia-ai-modernized."""
    return (
        _stack("development", "development", "dev"),
        _stack("production", "production", "prod", "live", protected=True),
        _stack("sophia-production", "production", "sophia prod", protected=True),
        _stack("sophia-ai-modernized", "development", "modernized", "sophia modernized"),
    )
