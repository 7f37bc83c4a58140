"""The colors of the program by what they mean, light and dark; plain data, no Qt.

Contrast is at least 4.5 : 1 for everything that is read and 3 : 1 for marks and curves (WCAG 2.2, 1.4.3 and 1.4.11), on
`base` as well as on `raised`; a test computes it. The series are Okabe and Ito's colors for all kinds of eyes
(jfly.uni-koeln.de/color), darkened or lightened until they hold that contrast.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Colors:
    """One theme; every value is "#rrggbb"."""

    dark: bool
    window: str
    """Behind everything: rail, bars, dialogs."""
    base: str
    """Pages, tables, charts."""
    raised: str
    """Buttons, alternate rows, menus."""
    text: str
    muted: str
    """Units, captions, what is not available."""
    line: str
    """Hairlines and chart grids."""
    outline: str
    """Around fields, ticks and buttons."""
    accent: str
    on_accent: str
    selected: str
    """Behind a selected row or page; text stays `text`."""
    ok: str
    warning: str
    error: str
    link: str
    series: tuple[str, ...]
    """A provider's color is `series[ProviderStatus.color % 8]` wherever it appears."""


LIGHT = Colors(
    dark=False,
    window="#f3f4f5",
    base="#ffffff",
    raised="#fafbfb",
    text="#1c2126",
    muted="#5c656d",
    line="#d9dde0",
    outline="#838c93",
    accent="#1663b5",
    on_accent="#ffffff",
    selected="#dbe8f6",
    ok="#1a7340",
    warning="#8a5a00",
    error="#b3261e",
    link="#1663b5",
    series=("#cf7a00", "#3c97d6", "#0a6b4c", "#544800", "#0b4fb0", "#c8471b", "#a83a8c", "#8b9299"),
)

DARK = Colors(
    dark=True,
    window="#1a1d20",
    base="#202427",
    raised="#292e32",
    text="#e4e7ea",
    muted="#a9b3bb",
    line="#3a4046",
    outline="#717b84",
    accent="#6db3f2",
    on_accent="#10202e",
    selected="#263d52",
    ok="#5cc98b",
    warning="#e5b454",
    error="#ff8a80",
    link="#7cbcf5",
    series=("#efa32e", "#a3d4fb", "#2cc495", "#f6ec86", "#4a86ee", "#c2602c", "#de66bd", "#78838b"),
)


def contrast(one: str, other: str) -> float:
    """WCAG contrast of two colors, 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: str) -> float:
    red, green, blue = (_linear(int(color[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
