"""Patchbay: a tray program with a local proxy between AI coding tools and the providers behind them.

Floors, each of which may import only those below it (the table is a test, `tests/house/test_imports.py`):

0. `domain`: nouns and arithmetic, standard library only.
1. `dialects`, `vendors`, `store`, `vault`, `export`, `importers`, `clients`, `system`: siblings that never meet.
2. `proxy`: the data plane.
3. `control`: use cases without Qt.
4. `ui`, `admin`, `cli`: faces over control and domain.

`main` puts one of each together; `loop` is the event loop they all share.
"""
