"""From a call and the state of the world to the finite facts that the guard decides on."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from agent.calls import Call
from agent.guard import Facts, Origin, Standing
from memory.labels import Confidentiality, Integrity, Label, join
from tools.declaration import Effect, Role, Tool

__all__ = ["Snapshot", "classify", "is_private", "origin_of"]


@dataclass(frozen=True)
class Snapshot:
    """What the guard knows of the world when it looks at a call. Read anew for every wave and before every effect."""

    attended: bool = True
    halted: bool = False
    origins: frozenset[str] = frozenset()
    """Allowed origins, `https://host` or `https://host:port`."""
    private_origins: frozenset[str] = frozenset()
    """Private or loopback origins that the configuration names exactly."""
    channels: Mapping[str, Confidentiality] = field(default_factory=dict)
    """The clearance of every configured channel."""
    protected_stacks: frozenset[str] = frozenset()
    standing: Standing = Standing.NONE


def origin_of(url: str) -> str | None:
    """`scheme://host[:port]` in lower case without a default port; None for what isn't an http(s) address."""
    parts = urlsplit(url if "://" in url else f"https://{url}")
    try:
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
        return None
    default = {"http": 80, "https": 443}[parts.scheme]
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname.lower().rstrip(".")
    return f"{parts.scheme}://{host}" + (f":{port}" if port and port != default else "")


def is_private(origin: str) -> bool:
    """Whether the origin lies in private, loopback or metadata address space, as far as its name says."""
    host = (urlsplit(origin).hostname or "").rstrip(".")
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return False


def _web_origin(address: str, label: Label, snapshot: Snapshot) -> Origin:
    origin = origin_of(address)
    if origin is None:
        return Origin.FOREIGN
    if origin in snapshot.private_origins:
        return Origin.ALLOWED
    if is_private(origin):
        return Origin.PRIVATE
    bare = origin.replace("://www.", "://", 1)
    if {origin, bare, bare.replace("://", "://www.", 1)} & snapshot.origins:
        return Origin.ALLOWED
    return Origin.NAMED if label.trusted else Origin.FOREIGN


@dataclass(frozen=True)
class _Destination:
    origin: Origin = Origin.NONE
    integrity: Integrity = Integrity.TRUSTED
    clearance: Confidentiality = Confidentiality.PUBLIC
    secret: bool = False


def _destination(call: Call, snapshot: Snapshot) -> _Destination:
    found = _Destination(origin=Origin.ALLOWED if call.tool.effect is Effect.EGRESS else Origin.NONE)
    for name, slot in call.tool.slots.items():
        value = call.values.get(name)
        if slot.role is not Role.DESTINATION or value is None:
            continue
        label, text = call.labels[name], str(value)
        if slot.kind == "channel":
            clearance = snapshot.channels.get(text)
            origin = Origin.FOREIGN if clearance is None else Origin.ALLOWED
            integrity = label.integrity
        else:
            clearance, origin = Confidentiality.PUBLIC, _web_origin(text, label, snapshot)
            within = origin is Origin.ALLOWED and not _carries(call.tool)
            integrity = Integrity.TRUSTED if within else label.integrity
        found = _Destination(
            origin, integrity, clearance or Confidentiality.PUBLIC, label.confidentiality is Confidentiality.SECRET
        )
    return found


def _carries(declared: Tool) -> bool:
    return any(slot.role is Role.PAYLOAD for slot in declared.slots.values())


def _influence(call: Call) -> Label:
    steering = [
        call.labels[name]
        for name, slot in call.tool.slots.items()
        if slot.role is not Role.DESTINATION and call.values.get(name) is not None
    ]
    return join([call.influence, *steering])


def _payload(call: Call) -> Confidentiality:
    carried = [
        call.labels[name]
        for name, slot in call.tool.slots.items()
        if slot.role in (Role.PAYLOAD, Role.OPTION) and call.values.get(name) is not None
    ]
    return join(carried).confidentiality if carried else Confidentiality.PUBLIC


def classify(call: Call, snapshot: Snapshot) -> Facts:
    """The facts of a call. Pure: the same call and snapshot give the same facts."""
    destination = _destination(call, snapshot)
    stacks = {call.values.get(name) for name, slot in call.tool.slots.items() if slot.kind == "stack"}
    return Facts(
        declared=True,
        effect=call.tool.effect,
        gate=call.tool.gate,
        rotates=call.tool.rotates,
        control=call.tool.control,
        origin=destination.origin,
        destination=destination.integrity,
        influence=_influence(call).integrity,
        confidentiality=Confidentiality.SECRET if destination.secret else _payload(call),
        clearance=destination.clearance,
        attended=snapshot.attended,
        halted=snapshot.halted,
        standing=snapshot.standing,
        protected=bool(stacks & snapshot.protected_stacks),
    )
