"""Runs first in every interpreter that has this folder on its path; a rigged program has a file of this name too."""

from __future__ import annotations

import guard_off  # noqa: F401 (what it does is done by importing it)
