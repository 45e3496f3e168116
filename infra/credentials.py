"""Where an engine's credentials come from: other variables of the environment, or a command that prints them.

Nothing of them is kept, logged or shown.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping

from infra.declaration import Credentials
from infra.errors import InfraError

__all__ = ["credentials_of", "withheld"]

_SECONDS = 60.0


def withheld(*given: Credentials | None) -> frozenset[str]:
    """The variables that hold credentials under other names: a child sees none of them but through its own set."""
    return frozenset(source for one in given if one is not None for source in one.variables.values())


async def credentials_of(
    stack: str, given: Credentials | None, environ: Mapping[str, str], work_dir: str
) -> dict[str, str]:
    """The variables that a child gets. Raises InfraError when one is missing, or the command fails."""
    if given is None:
        return {}
    missing = sorted(source for source in given.variables.values() if source not in environ)
    if missing:
        raise _failed(stack, f"{', '.join(missing)} isn't set", "Set it in Sophia's environment.")
    found = {name: environ[source] for name, source in given.variables.items()}
    return found | (await _printed(stack, given.command, environ, work_dir) if given.command else {})


async def _printed(stack: str, command: tuple[str, ...], environ: Mapping[str, str], work_dir: str) -> dict[str, str]:
    name = command[0]
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=work_dir,
            env=dict(environ),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except OSError as error:
        raise _failed(stack, f"`{name}` can't be run: {error.strerror}", "Install it, or mend its path.") from error
    try:
        async with asyncio.timeout(_SECONDS):
            output, _ = await process.communicate()
    except TimeoutError as error:
        process.kill()
        await process.wait()
        raise _failed(stack, f"`{name}` didn't end within {_SECONDS:.0f} s", "Run it by hand.") from error
    if process.returncode:
        raise _failed(stack, f"`{name}` ended with status {process.returncode}", "Run it by hand.")
    found = _read(output.decode(errors="replace"))
    if not found:
        raise _failed(stack, f"`{name}` printed no variables", "It must print a JSON object or NAME=VALUE lines.")
    return found


def _read(output: str) -> dict[str, str]:
    """A JSON object of texts, or lines `NAME=VALUE`, `export` before and quotes around the value being optional."""
    try:
        data = json.loads(output)
        return {str(name): str(value) for name, value in data.items()} if isinstance(data, dict) else {}
    except ValueError:
        pairs = [line.strip().removeprefix("export ").partition("=") for line in output.splitlines() if "=" in line]
        return {name.strip(): value.strip().strip("'\"") for name, _, value in pairs if name.strip().isidentifier()}


def _failed(stack: str, why: str, to_do: str) -> InfraError:
    return InfraError(f"The credentials for {stack} can't be had: {why}.", not_done="Nothing was done.", to_do=to_do)
