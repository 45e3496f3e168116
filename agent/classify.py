"""From a call and the state of the world to the finite facts that the guard decides on."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache, reduce
from urllib.parse import urlsplit

from pydantic import JsonValue

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


@lru_cache(maxsize=1024)  # each call is judged several times: when it is prepared, asked for, and made
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


@lru_cache(maxsize=1024)
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


_STRICTEST_LAST = (Origin.NONE, Origin.ALLOWED, Origin.NAMED, Origin.PRIVATE, Origin.FOREIGN)


@dataclass(frozen=True)
class _Destination:
    origin: Origin
    integrity: Integrity = Integrity.TRUSTED
    clearance: Confidentiality = Confidentiality.SECRET

    def and_also(self, other: _Destination) -> _Destination:
        """Where a call has several destinations, the strictest of each part counts."""
        return _Destination(
            max(self.origin, other.origin, key=_STRICTEST_LAST.index),
            Integrity.UNTRUSTED if Integrity.UNTRUSTED in (self.integrity, other.integrity) else Integrity.TRUSTED,
            min(self.clearance, other.clearance, key=lambda level: level.rank),
        )


def _destination(call: Call, snapshot: Snapshot) -> _Destination:
    """Joined over all destinations. What goes out without naming one goes where the configuration says."""
    given = [
        _place(call, name, str(place), snapshot)
        for name, slot in call.tool.slots.items()
        if slot.role is Role.DESTINATION
        for place in _each(call.values.get(name))
    ]
    if given:
        return reduce(_Destination.and_also, given)
    if call.tool.effect is Effect.EGRESS:
        return _Destination(Origin.ALLOWED, clearance=Confidentiality.PUBLIC)
    return _Destination(Origin.NONE)


def _each(value: JsonValue) -> list[JsonValue]:
    """A destination may be several places: every one of them counts."""
    return [] if value is None else value if isinstance(value, list) else [value]


def _place(call: Call, name: str, text: str, snapshot: Snapshot) -> _Destination:
    label = call.labels[name]
    if call.slot(name).kind == "channel":
        clearance = snapshot.channels.get(text)
        origin = Origin.FOREIGN if clearance is None else Origin.ALLOWED
        return _Destination(origin, label.integrity, clearance or Confidentiality.PUBLIC)
    origin = _web_origin(text, label, snapshot)
    within = origin is Origin.ALLOWED and not _carries(call.tool)
    return _Destination(origin, Integrity.TRUSTED if within else label.integrity, Confidentiality.PUBLIC)


def _carries(declared: Tool) -> bool:
    return any(slot.role is Role.PAYLOAD for slot in declared.slots.values())


def _influence(call: Call) -> Label:
    steering = [
        call.labels[name]
        for name, slot in call.tool.slots.items()
        if slot.role is not Role.DESTINATION and call.values.get(name) is not None
    ]
    return join([call.influence, *steering])


def _carried(call: Call) -> Confidentiality:
    """Of the payload; an option says how, and counts only when it is a secret."""
    given = {name: call.labels[name] for name in call.tool.slots if call.values.get(name) is not None}
    payload = [label for name, label in given.items() if call.slot(name).role is Role.PAYLOAD]
    if any(label.confidentiality is Confidentiality.SECRET for label in given.values()):
        return Confidentiality.SECRET
    return join(payload).confidentiality


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
        confidentiality=_carried(call),
        clearance=destination.clearance,
        attended=snapshot.attended,
        halted=snapshot.halted,
        standing=snapshot.standing,
        protected=bool(stacks & snapshot.protected_stacks),
    )
