"""Bytes to text as browsers decide it: byte order mark, then the header, then the document's own word, then a guess."""

from __future__ import annotations

import codecs
import re

__all__ = ["decode", "encoding_of"]

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([^\s\"';,]+)", re.IGNORECASE)
_META = re.compile(rb"<meta[\s/]([^>]{0,1000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(rb"([a-z-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)
_COMMENT = re.compile(rb"<!--.*?(?:-->|$)", re.DOTALL)
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
_LABELS = {
    "unicode": "utf-16-le",
    "unicode-1-1-utf-8": "utf-8",
    "x-user-defined": "cp1252",
    "iso-8859-8-i": "iso8859-8",
    "logical": "iso8859-8",
    "x-sjis": "cp932",
    "x-x-big5": "big5hkscs",
    "x-gbk": "gb18030",
    "x-euc-jp": "euc_jp",
    "x-mac-roman": "mac-roman",
}
"""Names of encodings that browsers know and Python doesn't (encoding.spec.whatwg.org, 4.2)."""
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
    label = label.strip().lower()
    try:
        name = codecs.lookup(_LABELS.get(label, label.replace("x-cp", "cp"))).name
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
    if known := _declared(_COMMENT.sub(b"", body[:_PRESCAN])):
        return "utf-8" if known.startswith("utf-16") else known
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        return "utf-8" if error.start > len(body) - 4 else "cp1252"
    return "utf-8"


def _declared(head: bytes) -> str | None:
    """What the document says of itself: in a `meta` that means to, not in any that has the word in it."""
    for meta in _META.finditer(head):
        said = {name.lower(): one or two or three for name, one, two, three in _ATTRIBUTE.findall(meta.group(1))}
        label = said.get(b"charset")
        if label is None and said.get(b"http-equiv", b"").strip().lower() == b"content-type":
            found = _HEADER.search(said.get(b"content", b"").decode("ascii", "ignore"))
            label = found.group(1).encode() if found else None
        if label and (known := _known(label.decode("ascii", "ignore"))):
            return known
    prolog = _PROLOG.search(head)
    return _known(prolog.group(1).decode("ascii")) if prolog else None


def decode(body: bytes, content_type: str) -> str:
    """The body as text. What doesn't fit its encoding becomes U+FFFD; NUL bytes disappear."""
    name = encoding_of(body, content_type)
    text = body.decode(name, errors="replace").lstrip("\ufeff")
    return text.replace("\x00", "")
