"""Whether a request was signed by Slack, decided over its raw bytes before anything else reads it.

https://docs.slack.dev/authentication/verifying-requests-from-slack: HMAC-SHA256 of `v0:{timestamp}:{body}` with the
signing secret; a timestamp that is more than five minutes off may be somebody's replay.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import datetime

__all__ = ["REPLAY_SECONDS", "signed"]

REPLAY_SECONDS = 300
_TIMESTAMP = re.compile(r"[0-9]{1,12}", re.ASCII)


def signed(timestamp: str | None, signature: str | None, body: bytes, secret: str, now: datetime) -> bool:
    """Whether the headers of a request fit its body. Any text may stand in them, and none of it raises."""
    if timestamp is None or signature is None or not _TIMESTAMP.fullmatch(timestamp):
        return False
    if abs(now.timestamp() - int(timestamp)) > REPLAY_SECONDS:
        return False
    due = hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(f"v0={due}".encode(), signature.encode("utf-8", "surrogateescape"))
