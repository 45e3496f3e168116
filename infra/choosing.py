"""Which resources people mean when they name some of a stack's."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence

from infra.errors import InfraError
from infra.models import resource_name, type_of

__all__ = ["chosen", "refuse_unknown", "unknown_in"]


def _called(urn: str) -> set[str]:
    """What a resource may be called: its name or URN, `api (Service)`, its name with its type on either side, or, like
    all of its type, by that alone.
    """
    name, kind = urn.rsplit("::", maxsplit=1)[-1], type_of(urn).split(":")[-1]
    called = (urn, name, resource_name(urn), f"{name} {kind}", f"{kind} {name}", kind, f"{kind}s")
    return {_key(one) for one in called}


def _key(name: str) -> str:
    """As it is compared: `front end`, `front-end` and `frontend` are the same."""
    return re.sub(r"[\s_.-]+", "", name.casefold())


def chosen(names: Sequence[str], urns: Iterable[str]) -> tuple[str, ...]:
    """The URNs that are called so, in their own order; a name that fits none is left out."""
    wanted = {_key(name) for name in names}
    return tuple(urn for urn in dict.fromkeys(urns) if not wanted.isdisjoint(_called(urn)))


def unknown_in(names: Sequence[str], urns: Iterable[str]) -> tuple[str, ...]:
    """The names that fit no resource."""
    known = list(urns)
    return tuple(name for name in names if not chosen([name], known))


def refuse_unknown(stack: str, names: Sequence[str], urns: Iterable[str]) -> None:
    """Raises InfraError, with the nearest, for the first name that fits no resource."""
    known = [urn for urn in dict.fromkeys(urns) if not type_of(urn).startswith("pulumi:")]
    for name in unknown_in(names, known):
        called = [urn.split("::")[-1] for urn in known]
        near = difflib.get_close_matches(name.casefold(), called, n=3, cutoff=0.4) or sorted(called)[:6]
        error = InfraError(
            f"{stack} has no resource called {name!r}.",
            not_done="Nothing was changed.",
            to_do=f"There are: {', '.join(near)}." if near else "It has no resources yet.",
        )
        error.acts = "requester"
        raise error
