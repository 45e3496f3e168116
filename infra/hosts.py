"""Pulumi's language hosts: which one a project's program needs, and where it is looked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from infra.places import Place

__all__ = ["missing_host"]


def missing_host(place: Place, beside: Callable[[], Path | None]) -> str:
    """The program that runs the project's language and isn't on PATH, nor in the folder of the command line; empty when
    there is one. That folder is only asked for when it matters, because finding it may take a call.
    """
    if place.declaration.lab:
        return ""
    host = f"pulumi-language-{place.runtime}"
    if any((Path(part) / host).exists() for part in place.environ.get("PATH", "").split(":") if part):
        return ""
    folder = beside()
    return "" if folder is not None and (folder / host).exists() else host
