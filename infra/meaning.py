"""Whether two values mean the same: what providers write differently although nothing has changed."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

from infra.digests import digest

__all__ = ["canonical", "filled_in", "moved_on", "same_but_for_order", "same_quantity", "same_word"]

_WORD = re.compile(r"[\w.:/@-]{1,64}$")
_DATE = re.compile(r"\d{4}-\d\d-\d\d([T ]|$)")
_EPOCH_FROM, _EPOCH_TO = 1.0e9, 4.1e9
"""Numbers between are moments from 2001 to 2099, in seconds."""
_MILLISECONDS_FROM = 1.0e11
_QUANTITY = re.compile(r"([+-]?\d+(?:\.\d+)?)(m|k|K|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?$")
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|h|m|s))+$")
_DURATION_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|h|m|s)")
_FACTORS = {"m": 1e-3, "k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15} | {
    f"{letter}i": 1024.0**power for power, letter in enumerate("KMGTP", 1)
}
"""As Kubernetes writes quantities."""
_SECONDS = {"ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
"""As Go writes durations."""


def canonical(value: Any) -> Any:
    """Without layout, without members that say nothing, numbers and truths as themselves and not as text."""
    if isinstance(value, str):
        stripped = value.strip()
        if stripped[:1] in ("{", "["):
            try:
                return canonical(json.loads(stripped))
            except ValueError:
                return stripped
        try:
            return float(stripped)
        except ValueError:
            return {"true": True, "false": False}.get(stripped.lower(), stripped)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, (int, float)):
        return float(value)
    if isinstance(value, dict):
        return {name: canonical(part) for name, part in value.items() if part not in (None, "", [], {})}
    if isinstance(value, list):
        return [canonical(part) for part in value]
    return value


def _unordered(value: Any) -> Any:
    """The canonical value with every list sorted, to compare what only moved."""
    value = canonical(value)
    if isinstance(value, list):
        return sorted(map(_unordered, value), key=digest)
    if isinstance(value, dict):
        return {name: _unordered(part) for name, part in value.items()}
    return value


def same_but_for_order(one: Any, other: Any) -> bool:
    """Whether two values mean the same once the order of lists is left aside."""
    return bool(_unordered(one) == _unordered(other))


def _met(declared: Any, found: Any) -> bool:
    """Whether everything that is declared is there, and the provider only filled in members that were left open."""
    declared, found = canonical(declared), canonical(found)
    if isinstance(declared, dict) and isinstance(found, dict):
        return all(name in found and _met(part, found[name]) for name, part in declared.items())
    if isinstance(declared, list) and isinstance(found, list) and len(declared) == len(found):
        return all(map(_met, declared, found))
    return bool(declared == found)


def filled_in(declared: Any, found: Any) -> bool:
    """Whether a declared list of objects is as declared, but for members of the objects that were left open."""
    return isinstance(declared, list) and any(isinstance(item, dict) for item in declared) and _met(declared, found)


def _quantities(value: Any) -> set[tuple[str, float]]:
    """What a text or number may measure: `5m` is five minutes or five thousandths."""
    text = str(value).strip() if isinstance(value, (str, int, float)) and not isinstance(value, bool) else ""
    found: set[tuple[str, float]] = set()
    if plain := _QUANTITY.match(text):
        found.add(("number", round(float(plain[1]) * _FACTORS.get(plain[2] or "", 1.0), 9)))
    if _DURATION.match(text):
        found.add(("seconds", round(sum(float(n) * _SECONDS[unit] for n, unit in _DURATION_PART.findall(text)), 9)))
    return found


def same_quantity(one: Any, other: Any) -> bool:
    """Whether both measure the same: `1024Mi` and `1Gi`, `3600s` and `1h0m0s`, `500m` and `0.5`."""
    return bool(_quantities(one) & _quantities(other))


def same_word(one: Any, other: Any) -> bool:
    """One identifier in another case, or a host name with its final dot: providers normalise those.

    Quantities are no words: `5m` isn't `5M`.
    """
    if _quantities(one) or _quantities(other):
        return False
    words = [value.rstrip(".").casefold() for value in (one, other) if isinstance(value, str) and _WORD.match(value)]
    return len(words) == 2 and words[0] == words[1]


def _instant(value: Any) -> float | None:
    """Seconds since the epoch, of what is surely a date or a moment of our time; else None."""
    if isinstance(value, str) and _DATE.match(value):
        try:
            return datetime.fromisoformat(value).replace(tzinfo=None).timestamp()
        except ValueError:
            return None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        seconds = value / 1000 if value > _MILLISECONDS_FROM else value
        return float(seconds) if _EPOCH_FROM < seconds < _EPOCH_TO else None
    return None


def moved_on(old: Any, new: Any) -> bool:
    """Whether both are dates or moments, and the new one is later."""
    before, after = _instant(old), _instant(new)
    return before is not None and after is not None and after > before
