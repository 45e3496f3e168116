"""An S3-compatible store of objects by URL: `s3://BUCKET/PREFIX?endpoint=http://HOST:PORT&region=eu-west-1`.

Requests are signed with AWS Signature Version 4 (docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html). It is
for threads: every call blocks.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, urlencode, urlsplit
from xml.etree import ElementTree as ET

from infra.errors import InfraError

if TYPE_CHECKING:
    import httpx

__all__ = ["S3Objects"]

_SECONDS = 30.0
_MOST = 10_000


@dataclass(frozen=True)
class _Keys:
    identity: str
    secret: str
    session: str


class S3Objects:
    """Objects under a prefix of a bucket. Every method raises InfraError when the store refuses or can't be reached."""

    def __init__(self, url: str, environ: Mapping[str, str], now: Callable[[], datetime]) -> None:
        """`environ` has the usual AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN."""
        parts = urlsplit(url)
        options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        self._url, self._bucket = url.partition("?")[0], parts.netloc
        self._prefix = parts.path.strip("/")
        self._region = options.get("region") or environ.get("AWS_REGION") or "us-east-1"
        endpoint = options.get("endpoint", "")
        self._base = f"{endpoint.rstrip('/')}/{self._bucket}" if endpoint else self._amazon()
        self._keys = _Keys(
            environ.get("AWS_ACCESS_KEY_ID", ""),
            environ.get("AWS_SECRET_ACCESS_KEY", ""),
            environ.get("AWS_SESSION_TOKEN", ""),
        )
        self._now = now

    def _amazon(self) -> str:
        return f"https://{self._bucket}.s3.{self._region}.amazonaws.com"

    def put(self, name: str, content: bytes) -> None:
        """Write one object."""
        self._ask("PUT", self._key(name), content=content)

    def get(self, name: str) -> bytes | None:
        """One object's content; None when there is none of that name."""
        answer = self._ask("GET", self._key(name), missing=True)
        return None if answer.status_code == 404 else answer.content

    def delete(self, name: str) -> None:
        """Remove one object, if it is there."""
        self._ask("DELETE", self._key(name), missing=True)

    def names(self, prefix: str) -> list[str]:
        """The names of all objects that begin so."""
        found: list[str] = []
        more = ""
        while len(found) < _MOST:
            query = {"list-type": "2", "prefix": self._key(prefix)} | ({"continuation-token": more} if more else {})
            root = ET.fromstring(self._ask("GET", "", query=query).content)  # noqa: S314 - the operator's store
            space = match[0] if (match := re.match(r"\{.*\}", root.tag)) else ""
            found += [item.text or "" for item in root.iterfind(f"{space}Contents/{space}Key")]
            more = root.findtext(f"{space}NextContinuationToken") or ""
            if not more:
                break
        cut = len(self._key(""))
        return [key[cut:] for key in found]

    def _key(self, name: str) -> str:
        return f"{self._prefix}/{name}" if self._prefix else name

    def _ask(
        self,
        method: str,
        key: str,
        *,
        content: bytes = b"",
        query: Mapping[str, str] | None = None,
        missing: bool = False,
    ) -> httpx.Response:
        import httpx

        url = f"{self._base}/{quote(key)}"
        text = urlencode(sorted((query or {}).items()), quote_via=quote)
        headers = self._signed(method, url, text, content)
        try:
            with httpx.Client(trust_env=False, timeout=_SECONDS) as client:
                answer = client.request(method, f"{url}?{text}" if text else url, content=content, headers=headers)
        except httpx.HTTPError as error:
            raise self._failed(f"can't be reached ({str(error) or type(error).__name__})") from error
        if answer.is_success or (missing and answer.status_code == 404 and "NoSuchBucket" not in answer.text):
            return answer
        code = re.search(r"<Code>(\w+)</Code>", answer.text)
        raise self._failed(f"answers {answer.status_code}{f' ({code[1]})' if code else ''}")

    def _failed(self, how: str) -> InfraError:
        return InfraError(
            f"The backup store {self._url} {how}.",
            not_done="Without a backup nothing is changed.",
            to_do="See to the store and its credentials, or take it out of sophia.toml.",
        )

    def _signed(self, method: str, url: str, query: str, content: bytes) -> dict[str, str]:
        parts, at = urlsplit(url), self._now()
        digest = hashlib.sha256(content).hexdigest()
        headers = {"host": parts.netloc, "x-amz-content-sha256": digest, "x-amz-date": f"{at:%Y%m%dT%H%M%SZ}"}
        if self._keys.session:
            headers["x-amz-security-token"] = self._keys.session
        names = ";".join(sorted(headers))
        canonical = "\n".join(
            [method, parts.path, query, *(f"{name}:{headers[name]}" for name in sorted(headers)), "", names, digest]
        )
        scope = f"{at:%Y%m%d}/{self._region}/s3/aws4_request"
        hashed = hashlib.sha256(canonical.encode()).hexdigest()
        to_sign = "\n".join(["AWS4-HMAC-SHA256", headers["x-amz-date"], scope, hashed])
        key = f"AWS4{self._keys.secret}".encode()
        for part in scope.split("/"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        signature = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
        credential = f"Credential={self._keys.identity}/{scope}"
        headers["authorization"] = f"AWS4-HMAC-SHA256 {credential}, SignedHeaders={names}, Signature={signature}"
        return headers
