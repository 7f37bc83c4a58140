"""Who hosts models, as data: where, in which dialect, how to sign, which quirks, at what price.

What it is for: presets (`presets.py`) from which a `[[provider]]` of the configuration becomes a `Provider`
(`resolve.py`), the headers and URLs of a request to it (`signing.py`), and prices (`prices.py`). May import: domain.
Thread: any; `prices` imports its data set (0.3 s) at the first question and is asked in threads only.

Adding a vendor: one entry in `presets.VENDORS`. Decisions: a vendor is data and never a class, so that nothing but
the dialect and the profile can behave differently; the profile's deviations are written out per vendor rather than
inherited, so that one entry says all there is to know.
"""
