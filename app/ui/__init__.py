"""The Qt face: tray, window, pages, charts, dialogs.

May import: `domain`, `control`. The only room (with `main` and `loop`) that names PySide6, pyqtgraph, numpy, qtawesome.
Thread: the loop's, which is also the proxy's. No slot, paint or callback above 8 ms; whatever may be slower is a
coroutine of `control`, started with `Tasks.spawn`. No `async def` in a widget.

The shell: `app` (Desktop), `commands` (what tray, menus and notices can do), `tray_model` and `tray` with `tray_host`
and `item_list` with `radio_list`, `main_window` with `rail`, `menus`, `state_line`, `notices`, `layout`. Words:
`formats` (numbers and times), `standing` (marks of state), `key_words`, `budget_words`.
Looks: `palette` (colors by role), `theme` (applies them), `style` (space, type), `icons`. Safety: `tasks`,
`collector` (no garbage collection in other threads), `warm_up` (no first use of Qt in other threads), `announcer`.
Short turns: `in_parts` (what is large is made part by part), `ahead` (before it is wanted).
Content: `pages/`, `charts/`, `dialogs/`, `models/`, `widgets/`.

To add a page: one file in `pages/` and one line in `pages.load`. To add a chart: one file in `charts/` and one line in
`charts.CHARTS`.

Decisions:
- Own palettes on the Fusion style. Native styles lost: the color scheme of a bare X11 desktop or a GTK theme flips
  without the palette, and charts need both from one source.
- Tray actions are a fixed pool, changed in place. A menu that is built anew lost: hosts click dead ids.
- One timer for all visible charts, none when nothing is shown. A signal for every token lost: it would repaint the
  window some hundred times a second.
- Nothing that names Qt runs in a thread before `warm_up`, and no cycle is collected outside Qt's thread. Plain threads
  lost: with PySide 6.11 both end the process.
- An override of a Qt method never raises. On Python 3.11 PySide 6.11 ends the process if it does while Python itself
  called it (`show`, `resize`, `setPalette`); what may fail goes through `Tasks`.
- One value, `AppStatus`, feeds tray and window. Signals for each field lost: they tell a story in the wrong order.
"""
