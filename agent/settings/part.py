"""What all parts of the configuration have in common, and the kinds of values that they are made of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, StringConstraints

__all__ = [
    "DatabaseAddress",
    "Named",
    "Origin",
    "Part",
    "Text",
    "VariableName",
    "WebAddress",
    "Zone",
    "named",
    "origin_of",
]

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Part(BaseModel):
    """A table of `sophia.toml`: frozen, and without keys that nobody reads."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Named(Part):
    """A table whose heading is its name: `[stacks.development]`."""

    name: str = Field(min_length=1, description="the table's heading", json_schema_extra={"heading": True})


def _with_names(tables: Any) -> Any:
    if not isinstance(tables, Mapping):
        return tables
    return {name: {**table, "name": name} if isinstance(table, Mapping) else table for name, table in tables.items()}


named = BeforeValidator(_with_names)
"""On a mapping of tables: each learns its name from its heading."""


def _web_address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be the whole address of a page, with http:// or https://")
    try:
        _ = parts.port
    except ValueError as error:
        raise ValueError("has a port that is no number from 0 to 65535") from error
    if parts.username or parts.password:
        raise ValueError("must not carry a user name or a password")
    return text


def _origin(text: str) -> str:
    parts = urlsplit(_web_address(text))
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError("must be scheme, host and port and nothing after them")
    return origin_of(text)


def origin_of(address: str) -> str:
    """Scheme, host and port of a web address, the port only where it isn't the usual one."""
    parts = urlsplit(address)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    default = {"http": 80, "https": 443}[parts.scheme]
    port = "" if parts.port in (None, default) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"


def _database(address: SecretStr) -> SecretStr:
    parts = urlsplit(address.get_secret_value())
    try:
        _ = parts.port
    except ValueError as error:
        raise ValueError("has a port that is no number from 0 to 65535") from error
    if parts.scheme.partition("+")[0] not in ("postgresql", "postgres") or not parts.path.strip("/"):
        raise ValueError("must be the address of a PostgreSQL database, postgresql://host/name")
    return address


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("is not a time zone; zones have names such as Europe/Berlin") from error
    return text


def _variable(text: str) -> str:
    if not _VARIABLE.fullmatch(text):
        raise ValueError("must be the name of an environment variable, never what is in it")
    return text


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
Origin = Annotated[str, AfterValidator(_origin)]
"""Scheme, host and port, written without the default port: `https://example.com`, `http://127.0.0.1:8080`."""
DatabaseAddress = Annotated[SecretStr, AfterValidator(_database)]
Zone = Annotated[str, AfterValidator(_zone)]
VariableName = Annotated[str, AfterValidator(_variable)]
