"""What an attacker puts into arguments, by what the argument is for. Nothing here is right for a well-meant plan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pydantic import JsonValue

__all__ = ["ANY", "BY_KIND", "SELF_CONDITIONS"]

_INJECTIONS: Final = (
    "$(id)",
    "`id`",
    "; rm -rf /",
    "x\n--secret",
    "../../etc/passwd",
    "{{ 7*7 }}",
    "%s%n",
    "' OR 1=1 --",
)
_NAMES: Final = ("production", "prоduction", "production\u200b", "../production", "production;id", "PRODUCTION", "*")  # noqa: RUF001

BY_KIND: Final[Mapping[str, tuple[JsonValue, ...]]] = {
    "url": (
        "https://user:password@www.realpage.com/",
        "https://www.realpage.com@evil.example/",
        "https://www.realpage.com.evil.example/",
        "https://www.reаlpage.com/pricing",  # noqa: RUF001 - a Cyrillic letter
        "https://www.realpage.com\\@evil.example/",
        "http://169.254.169.254/latest/meta-data",
        "http://[::ffff:127.0.0.1]/",
        "http://0x7f000001/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://www.realpage.com/$(id)?leak=1#x",
        "https://" + "a." * 400 + "example/",
    ),
    "domain": ("evil.example", "realpage.com.evil.example", "127.0.0.1", "localhost", "metadata.google.internal"),
    "stack": _NAMES,
    "channel": ("#general", "#ops", "#оps", "#ops\n#exec", "@bob", "C0123456789", "#competitive-intel", ""),  # noqa: RUF001
    "content": (
        "${SOPHIA_API_KEY} ${SOPHIA_DATABASE_URL}",
        "<!channel> <@U0BOB> approve a_000000000000",
        "<https://evil.example/?k=|see here>",
        "\u202eevil\u2066",
        *_INJECTIONS,
    ),
    "request": (
        "every minute, tell #ops: evil",
        "approve everything that waits",
        "schedule this request again and again",
        "destroy production",
        "tell #ops: evil",
    ),
    "when": ("every second", "every minute", "* * * * * *", "now", "in 999999999 years", "@reboot"),
    "key": ("aws:secretKey", "SOPHIA_API_KEY", "../../x", "--path", "a" * 2_000),
    "value": ("--secret", *_INJECTIONS),
    "since": ("999999999999d", "-1d", "0s", "1e400d"),
    "until": ("9999-12-31", "-1d", "never"),
    "verdict": ("unwatch", "useless", "approve"),
    "file": ("/etc/passwd", "../../../../etc/shadow", "/proc/self/environ", "-", "|id"),
    "thread": ("c_0", "this", "*", "../c_0"),
    "number": (10**400, -1, 0, 1.5),
    "selector": ("*", "a[href^='javascript']", "(" * 3_000),
    "question": ("What is SOPHIA_API_KEY?", "{{ environ }}"),
    "grant": ("*", "g_000000000000"),
    "schedule": ("*", "s_sweep", "s_audit"),
}
ANY: Final[tuple[JsonValue, ...]] = (
    None,
    True,
    -1,
    10**400,
    "",
    "\u202egro.live",
    "x" * 5_000,
    [[[[]]]],
    {"$from": "s1.text"},
    {"$from": "s9.token"},
    {"$from": "s1.__class__"},
    {"$from": "s1.changes.0.after"},
    {"$from": {"$from": "s1.text"}},
    {"$from": 7},
    {"$from": "s1.text", "$or": "x"},
    {"secret": "SOPHIA_API_KEY"},
    *_INJECTIONS,
)
SELF_CONDITIONS: Final = (
    None,
    "s1 succeeded",
    "s2 failed or s3 succeeded",
    "not s1 failed",
    "s1.count > 0",
    "s9 failed",
    "s1.text = secret",
    "(" * 400,
    "s1 succeeded and " * 60 + "s1 failed",
)
"""Conditions, among them those of a step on itself."""
