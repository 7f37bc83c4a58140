"""Keeping a spreadsheet from running what a client, a model or an upstream wrote.

A cell that begins with = + - or @ is a formula to Excel, LibreOffice and Google Sheets, also behind blanks that nobody
sees, in full width, and, where a program splits the file at line ends or semicolons itself, at the beginning of any
line. OWASP, "CSV Injection": https://owasp.org/www-community/attacks/CSV_Injection
"""

from __future__ import annotations

import re
import unicodedata

_SKIPPED = (
    "[\\s\"';,\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufe00-\ufe0f\ufeff]"
)
"""What a program may drop or split at before it looks at the first sign."""
_UNSEEN = re.compile(f"(?:{_SKIPPED}|[\x00-\x1f\x7f-\x9f])*")
_LINES = re.compile("(\r\n|[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029])")
_TEXT_MARK = "'"
_PLAIN = re.compile("(?:[A-Za-z0-9][ -~]*)?")
"""One line of ASCII that begins with a letter or digit: nearly every cell."""
_SURROGATES = re.compile("[\ud800-\udfff]")


def defuse(text: str) -> str:
    """The text with an apostrophe before every line that a spreadsheet could run; NUL left out, surrogates replaced."""
    if _PLAIN.fullmatch(text):
        return text
    text = _SURROGATES.sub("\ufffd", text.replace("\0", ""))
    parts = _LINES.split(text)
    parts[::2] = [_defuse_line(line) for line in parts[::2]]
    whole = "".join(parts)
    return _TEXT_MARK + whole if whole.startswith(("\t", "\r", "\n")) else whole


def _defuse_line(line: str) -> str:
    match = _UNSEEN.match(line)
    start = match.end() if match else 0
    dangerous = line.startswith("\t") or _is_formula_sign(line[start : start + 1])
    return _TEXT_MARK + line if dangerous else line


def _is_formula_sign(character: str) -> bool:
    return unicodedata.normalize("NFKC", character)[:1] in {"=", "+", "-", "@"} if character else False
