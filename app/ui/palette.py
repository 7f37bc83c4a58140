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
    accent="#1663b5",
    on_accent="#ffffff",
    selected="#dbe8f6",
    ok="#1a7340",
    warning="#8a5a00",
    error="#b3261e",
    link="#1663b5",
    series=("#c67c00", "#2b8cc4", "#00855f", "#8f7e00", "#0059a0", "#c04e00", "#b05585", "#5f6a72"),
)

DARK = Colors(
    dark=True,
    window="#1a1d20",
    base="#202427",
    raised="#292e32",
    text="#e4e7ea",
    muted="#a9b3bb",
    line="#3a4046",
    accent="#6db3f2",
    on_accent="#10202e",
    selected="#263d52",
    ok="#5cc98b",
    warning="#e5b454",
    error="#ff8a80",
    link="#7cbcf5",
    series=("#f0a830", "#6cc0ee", "#2dbd94", "#e6dc5a", "#6397e0", "#f0814a", "#dc92bb", "#aab4bc"),
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
