"""The picture of the routes: on the left what clients ask for, cords to the targets on the right, in their order.

A list whose lines are drawn by hand, so that it scrolls, can be walked with the keyboard and read aloud as any list.
"""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPainterPath,
    QPen,
    QResizeEvent,
    QStaticText,
)
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.ui import theme
from app.ui.icons import symbol
from app.ui.models.way_rows import WAY_ROLE, WayModel
from app.ui.models.ways import Kind, Stop, Way
from app.ui.style import CAPTION, GRID, MARGIN, font
from app.ui.widgets.dot import dot
from app.ui.widgets.focus import draw_focus

Index = QModelIndex | QPersistentModelIndex
MOST_KEPT = 2_048
LINE = 3 * GRID
"""Height of a line of text."""
NOTE = 2 * GRID + 2
"""Height of a line in small type."""
HEADING = 5 * GRID
CORDS = 5 * GRID
SOCKET = 3.0
MARK, DOT, RANK = 10, 14, 2 * GRID
LEFT_SHARE, LEFT_LEAST, LEFT_MOST = 0.27, 14 * GRID, 34 * GRID
WORD = 12 * GRID
"""Room for how a target stands."""
PADDING = GRID - 2


Texts = dict[tuple[str, int, str], tuple[QStaticText, int, int]]


class _Pens:
    """Fonts of one paint; lines that were laid out are kept for the next, because that costs more than drawing them."""

    def __init__(self, kept: Texts) -> None:
        self.body, self.strong, self.small = font(), font(strong=True), font(CAPTION)
        self._kept = kept
        self._names = {id(face): face.toString() for face in (self.body, self.strong, self.small)}

    def text(
        self, painter: QPainter, place: QRect, text: str, role: str, face: QFont, *, centered: bool = False
    ) -> None:
        """One line in the middle of its place, cut where there is no room."""
        asked = (text, place.width(), self._names[id(face)])
        if asked not in self._kept:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[asked] = _laid_out(text, place.width(), face)
        shown, width, height = self._kept[asked]
        left = place.center().x() - width // 2 if centered else place.left()
        painter.setFont(face)
        painter.setPen(theme.color(role))
        painter.drawStaticText(left, place.top() + (place.height() - height) // 2, shown)


def _laid_out(text: str, width: int, face: QFont) -> tuple[QStaticText, int, int]:
    """The line with its width and height in pixels."""
    shown = QStaticText(QFontMetrics(face).elidedText(text, Qt.TextElideMode.ElideRight, max(0, width)))
    shown.setTextFormat(Qt.TextFormat.PlainText)
    shown.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
    shown.prepare(font=face)
    size = shown.size()
    return shown, round(size.width()), round(size.height())


class WayDelegate(QStyledItemDelegate):
    """Draws one way."""

    def __init__(self, parent: QListView) -> None:
        super().__init__(parent)
        self._texts: Texts = {}

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """As high as the longer of its two sides."""
        return QSize(0, height_of(index.data(WAY_ROLE)))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Heading, or words, cords and targets."""
        way: Way = index.data(WAY_ROLE)
        area, pens = QRect(option.rect), _Pens(self._texts)
        painter.save()
        if way.kind is Kind.HEADING:
            _draw_heading(painter, area, way, pens, first=index.row() == 0)
        else:
            if option.state & QStyle.StateFlag.State_Selected:
                painter.fillRect(area, theme.color("selected"))
            if way.kind is not Kind.TRIED:
                _draw_words(painter, area, way, pens)
            _draw_stops(painter, area, way, pens)
        painter.restore()
        draw_focus(painter, option)


def height_of(way: Way) -> int:
    """Pixels that a way takes."""
    if way.kind is Kind.HEADING:
        return HEADING
    left = LINE + NOTE * _word_lines(way)
    right = sum(_stop_height(stop) for stop in way.stops) + (NOTE if way.tail else 0)
    return max(left, right, LINE) + 2 * PADDING


def _word_lines(way: Way) -> int:
    """A rule's conditions may take two lines; what is tried out has its words elsewhere."""
    return 0 if way.kind is Kind.TRIED or not way.words else 2 if way.kind is Kind.RULE else 1


def _stop_height(stop: Stop) -> int:
    return LINE + (NOTE if stop.why else 0)


def _left_width(area: QRect, way: Way) -> int:
    """Room for the words; what is tried out has its words elsewhere."""
    if way.kind is Kind.TRIED:
        return GRID
    return max(LEFT_LEAST, min(LEFT_MOST, round(area.width() * LEFT_SHARE)))


def _draw_heading(painter: QPainter, area: QRect, way: Way, pens: _Pens, *, first: bool) -> None:
    if not first:
        painter.setPen(theme.color("line"))
        painter.drawLine(area.left() + MARGIN, area.top() + GRID // 2, area.right() - MARGIN, area.top() + GRID // 2)
    place = area.adjusted(MARGIN, GRID, -MARGIN, 0)
    pens.text(painter, place, way.title, "text", pens.strong)
    used = painter.fontMetrics().horizontalAdvance(way.title) + GRID + 2
    pens.text(painter, place.adjusted(used, 1, 0, 1), way.words, "muted", pens.small)


def _draw_words(painter: QPainter, area: QRect, way: Way, pens: _Pens) -> None:
    top = area.top() + PADDING
    place = QRect(area.left() + MARGIN, top, _left_width(area, way) - MARGIN, LINE)
    title, role = (way.title, "text") if way.on else (f"{way.title} (off)", "muted")
    pens.text(painter, place, title, role, pens.body)
    lines = _word_lines(way)
    words = QRect(place.left(), top + LINE - 3, place.width(), NOTE * lines)
    if lines < 2:
        pens.text(painter, words.adjusted(0, -1, 0, -1), way.words, "muted", pens.small)
        return
    painter.setFont(pens.small)
    painter.setPen(theme.color("muted"))
    room = lines * words.width() - 3 * GRID  # what the breaks between words may cost
    shown = painter.fontMetrics().elidedText(way.words, Qt.TextElideMode.ElideRight, room)
    painter.drawText(words, Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft, shown)


def _draw_stops(painter: QPainter, area: QRect, way: Way, pens: _Pens) -> None:
    start = QPointF(area.left() + _left_width(area, way) + GRID, area.top() + PADDING + LINE / 2)
    left, top = round(start.x()) + CORDS, area.top() + PADDING
    if way.stops:
        _draw_socket(painter, start, way)
    for stop in way.stops:
        end = QPointF(left - 2, top + LINE / 2)
        _draw_cord(painter, start, end, stop, on=way.on)
        _draw_stop(painter, QRect(left, top, area.right() - left - MARGIN, LINE), stop, way, pens)
        top += _stop_height(stop)
    if way.tail:
        names = left + RANK + DOT + 5
        place = QRect(names, top - 2, area.right() - names - MARGIN, NOTE)
        pens.text(painter, place, way.tail, "muted", pens.small)


def _draw_socket(painter: QPainter, center: QPointF, way: Way) -> None:
    lit = next((stop for stop in way.stops if stop.lit), None)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    color = _cord_color(lit) if lit and way.on else theme.color("outline")
    painter.setPen(QPen(color, 1))
    painter.setBrush(color if lit and way.on else Qt.BrushStyle.NoBrush)
    painter.drawEllipse(center, SOCKET, SOCKET)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _cord_color(stop: Stop) -> QColor:
    return theme.color("muted") if stop.color is None else theme.series(stop.color)


def _draw_cord(painter: QPainter, start: QPointF, end: QPointF, stop: Stop, *, on: bool) -> None:
    """From socket to target: in the provider's color where a request would go now, broken where it is passed over."""
    begin = QPointF(start.x() + SOCKET, start.y())
    bend = (end.x() - begin.x()) * 0.55
    path = QPainterPath(begin)
    path.cubicTo(QPointF(begin.x() + bend, begin.y()), QPointF(end.x() - bend, end.y()), end)
    pen = QPen(_cord_color(stop) if stop.lit and on else theme.color("outline"), 1)
    if stop.skipped or not on:
        pen.setDashPattern([3, 3])
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(pen)
    painter.drawPath(path)


def _draw_stop(painter: QPainter, line: QRect, stop: Stop, way: Way, pens: _Pens) -> None:
    quiet = stop.skipped or not way.on
    rank = QRect(line.left(), line.top(), RANK, LINE)
    pens.text(painter, rank, str(stop.rank), "muted", pens.small, centered=True)
    dot(stop.color).paint(painter, QRect(rank.right() + 2, line.center().y() - DOT // 2 + 1, DOT, DOT))
    word = QRect(line.right() - WORD, line.top(), WORD, LINE)
    symbol(stop.icon, stop.role).paint(painter, QRect(word.left(), word.center().y() - MARK // 2 + 1, MARK, MARK))
    role = "muted" if stop.role == "ok" else stop.role
    pens.text(painter, word.adjusted(MARK + 6, 0, 0, 0), stop.word, role, pens.small)
    names = QRect(rank.right() + DOT + 6, line.top(), word.left() - rank.right() - DOT - GRID - 6, LINE)
    face = pens.strong if stop.lit and way.on else pens.body
    pens.text(painter, names, f"{stop.provider} › {stop.model}", "muted" if quiet else "text", face)
    if stop.why:
        place = QRect(names.left(), line.top() + LINE - 4, line.right() - names.left(), NOTE)
        pens.text(painter, place, stop.why, stop.role if stop.skipped else "muted", pens.small)


class WayView(QListView):
    """Arrow keys walk it; Return or a double click opens what is under it."""

    opened = Signal(Kind, str)
    """(what, which): a pin by its name, a rule by its place."""
    chosen = Signal(Kind, str)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setItemDelegate(WayDelegate(self))
        self.ways = WayModel()
        self.ways.setParent(self)
        self.setModel(self.ways)
        self.doubleClicked.connect(self._open)
        self.ways.modelAboutToBeReset.connect(self._remember)
        self.ways.modelReset.connect(self._recall)
        self._kept: tuple[Kind, str] | None = None

    def currentChanged(self, current: Index, previous: Index) -> None:
        """Tell whoever shows the details."""
        super().currentChanged(current, previous)
        way = self.ways.way(current.row())
        if way is not None and current.isValid() and self.hasFocus():
            self.chosen.emit(way.kind, way.key)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return opens."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The cords are drawn to the width."""
        super().resizeEvent(event)
        self.viewport().update()

    def _open(self, index: Index) -> None:
        way = self.ways.way(index.row())
        if way is not None and index.isValid():
            self.opened.emit(way.kind, way.key)

    def _remember(self) -> None:
        way = self.ways.way(self.currentIndex().row())
        self._kept = (way.kind, way.key) if way is not None else None

    def _recall(self) -> None:
        if self._kept is not None and (place := self.ways.place(*self._kept)) >= 0:
            self.setCurrentIndex(self.ways.index(place))
