"""Bytes to text as browsers decide it: byte order mark, then the header, then the document's own word, then a guess."""

from __future__ import annotations

import codecs
import re

__all__ = ["decode", "encoding_of"]

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([^\s\"';,]+)", re.IGNORECASE)
_META = re.compile(rb"<meta[^>]{0,400}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.\-]{2,40})", re.IGNORECASE)
_PROLOG = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9_:.\-]{2,40})", re.IGNORECASE)
_PRESCAN = 4096
"""Browsers look at 1,024 bytes; pages with long preambles are forgiven here."""
_AS_BROWSERS_READ = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "latin-1": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "iso8859-9": "cp1254",
    "tis-620": "cp874",
    "iso8859-11": "cp874",
    "big5": "big5hkscs",
    "utf-16": "utf-16-le",
}
_NO_TEXT = {
    "base64",
    "bz2",
    "hex",
    "quopri",
    "rot13",
    "uu",
    "zlib",
    "punycode",
    "idna",
    "unicode_escape",
    "raw_unicode_escape",
    "undefined",
    "mbcs",
    "oem",
    "utf-7",
}


def _known(label: str) -> str | None:
    try:
        name = codecs.lookup(label.strip()).name
    except (LookupError, ValueError):
        return None
    return None if name in _NO_TEXT else _AS_BROWSERS_READ.get(name, name)


def encoding_of(body: bytes, content_type: str) -> str:
    """The name of the codec to read the body with."""
    for mark, name in _MARKS:
        if body.startswith(mark):
            return name
    header = _HEADER.search(content_type)
    if header and (known := _known(header.group(1))):
        return known
    meta = _META.search(body, 0, _PRESCAN) or _PROLOG.search(body, 0, _PRESCAN)
    if meta and (known := _known(meta.group(1).decode("ascii"))):
        return "utf-8" if known.startswith("utf-16") else known
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        return "utf-8" if error.start > len(body) - 4 else "cp1252"
    return "utf-8"


def decode(body: bytes, content_type: str) -> str:
    """The body as text. What doesn't fit its encoding becomes U+FFFD; NUL bytes disappear."""
    name = encoding_of(body, content_type)
    text = body.decode(name, errors="replace").lstrip("\ufeff")
    return text.replace("\x00", "")
