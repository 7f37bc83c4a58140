"""A tray as KDE, XFCE and most panels offer it: StatusNotifierItem, its menu, and the notifications beside it.

`TrayHost` plays watcher, host and notification server on a session bus; `TrayItem` reads and clicks a program's item as
a panel would, over the bus.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from typing import Annotated, Any

from dbus_fast import Message, MessageType, PropertyAccess, Variant
from dbus_fast.aio import MessageBus
from dbus_fast.annotations import DBusBool, DBusDict, DBusInt32, DBusSignature, DBusStr, DBusUInt32
from dbus_fast.service import ServiceInterface, dbus_method, dbus_property, dbus_signal

WATCHER = "org.kde.StatusNotifierWatcher"
ITEM = "org.kde.StatusNotifierItem"
MENU = "com.canonical.dbusmenu"
NOTIFICATIONS = "org.freedesktop.Notifications"
CALL_S = 5.0
POLL_S = 0.02

Names = Annotated[list[str], DBusSignature("as")]
ServerWords = Annotated[list[str], DBusSignature("ssss")]
IdAndKey = Annotated[list[Any], DBusSignature("us")]


@dataclass(frozen=True)
class MenuItem:
    """One line of a tray menu; `checked` is None where it cannot be checked."""

    id: int
    label: str
    enabled: bool
    visible: bool
    checked: bool | None
    separator: bool
    children: tuple[MenuItem, ...]

    def __getitem__(self, label: str) -> MenuItem:
        """The child with this label, among the visible ones."""
        for child in self.children:
            if child.visible and child.label == label:
                return child
        raise LookupError(f"no {label!r} among {self.labels}")

    @property
    def labels(self) -> list[str]:
        """The visible children's labels, separators left out."""
        return [child.label for child in self.children if child.visible and not child.separator]

    def lines(self, indent: str = "") -> Iterator[str]:
        """The menu as text, for a failing test to show."""
        for child in self.children:
            if child.visible:
                mark = {None: "", True: "(x) ", False: "( ) "}[child.checked]
                yield f"{indent}{mark}{child.label or '---'}{'' if child.enabled else ' (disabled)'}"
                yield from child.lines(indent + "    ")


@dataclass(frozen=True)
class Notification:
    """What a program told the user."""

    id: int
    app: str
    title: str
    text: str
    actions: tuple[str, ...]


# A method that answers nothing has no `-> None`: dbus-fast reads annotations as signatures.
class _Watcher(ServiceInterface):
    def __init__(self) -> None:
        super().__init__(WATCHER)
        self.items: list[str] = []

    @dbus_method()
    def RegisterStatusNotifierItem(self, service: DBusStr):
        self.items.append(service)
        self.StatusNotifierItemRegistered(service)

    @dbus_method()
    def RegisterStatusNotifierHost(self, service: DBusStr):
        pass

    @dbus_property(access=PropertyAccess.READ)
    def RegisteredStatusNotifierItems(self) -> Names:
        return self.items

    @dbus_property(access=PropertyAccess.READ)
    def IsStatusNotifierHostRegistered(self) -> DBusBool:
        return True

    @dbus_property(access=PropertyAccess.READ)
    def ProtocolVersion(self) -> DBusInt32:
        return 0

    @dbus_signal()
    def StatusNotifierItemRegistered(self, service: str) -> DBusStr:
        return service

    @dbus_signal()
    def StatusNotifierHostRegistered(self):
        pass


class _Notifications(ServiceInterface):
    def __init__(self) -> None:
        super().__init__(NOTIFICATIONS)
        self.seen: list[Notification] = []

    @dbus_method()
    def GetCapabilities(self) -> Names:
        return ["body", "actions", "body-markup"]

    @dbus_method()
    def GetServerInformation(self) -> ServerWords:
        return ["tests", "patchbay", "1", "1.2"]

    @dbus_method()
    def Notify(
        self,
        app: DBusStr,
        replaces: DBusUInt32,
        icon: DBusStr,
        summary: DBusStr,
        body: DBusStr,
        actions: Names,
        hints: DBusDict,
        timeout_ms: DBusInt32,
    ) -> DBusUInt32:
        self.seen.append(Notification(len(self.seen) + 1, app, summary, body, tuple(actions)))
        return len(self.seen)

    @dbus_method()
    def CloseNotification(self, number: DBusUInt32):
        pass

    @dbus_signal()
    def ActionInvoked(self, number: int, key: str) -> IdAndKey:
        return [number, key]


@dataclass
class TrayItem:
    """A program's icon in the tray, as a panel sees it."""

    bus: MessageBus
    service: str
    path: str = field(default="/StatusNotifierItem")

    async def properties(self) -> dict[str, Any]:
        """Id, Title, Status, ToolTip, IconPixmap (width, height, ARGB bytes) and the rest."""
        (found,) = await self._call(self.path, "org.freedesktop.DBus.Properties", "GetAll", "s", ITEM)
        return {name: value.value for name, value in found.items()}

    async def menu(self) -> MenuItem:
        """The whole menu as it stands."""
        _, root = await self._call(await self._menu_path(), MENU, "GetLayout", "iias", 0, -1, [])
        return _read(root)

    async def menu_once(self, wanted: Callable[[MenuItem], object], limit_s: float = 5.0) -> MenuItem:
        """The whole menu, once it is as wanted."""
        menu = await self.menu()
        try:
            async with asyncio.timeout(limit_s):
                while not wanted(menu):
                    menu = await self.menu()
        except TimeoutError:
            raise AssertionError("the menu stayed\n" + "\n".join(menu.lines())) from None
        return menu

    async def click(self, *labels: str) -> None:
        """Open the menu, walk down by the labels, click the last one."""
        path, node = await self._menu_path(), await self.menu()
        for label in labels:
            await self._call(path, MENU, "AboutToShow", "i", node.id)
            await self._event(path, node.id, "opened")
            node = (await self._again(path, node))[label]
        await self.click_id(node.id)

    async def click_id(self, number: int) -> None:
        """Click by id, as a panel does that has not heard of a change."""
        await self._event(await self._menu_path(), number, "clicked")

    async def activate(self) -> None:
        """The left click."""
        await self._call(self.path, ITEM, "Activate", "ii", 0, 0)

    async def _again(self, path: str, node: MenuItem) -> MenuItem:
        """The same item after it was told that it is about to be shown."""
        _, root = await self._call(path, MENU, "GetLayout", "iias", node.id, -1, [])
        return _read(root)

    async def _menu_path(self) -> str:
        return str((await self.properties())["Menu"])

    async def _event(self, path: str, number: int, kind: str) -> None:
        at = int(time.time()) & 0xFFFFFFFF
        await self._call(path, MENU, "Event", "isvu", number, kind, Variant("s", ""), at)

    async def _call(self, path: str, interface: str, member: str, signature: str, *body: Any) -> list[Any]:
        message = Message(
            destination=self.service, path=path, interface=interface, member=member, signature=signature, body=[*body]
        )
        reply = await asyncio.wait_for(self.bus.call(message), CALL_S)
        assert reply is not None
        if reply.message_type is MessageType.ERROR:
            raise RuntimeError(f"{member}: {reply.error_name} {reply.body}")
        return reply.body


class TrayHost:
    """The panel's side of the bus."""

    def __init__(self, bus: MessageBus) -> None:
        self._bus = bus
        self._watcher = _Watcher()
        self._notifications = _Notifications()
        bus.export("/StatusNotifierWatcher", self._watcher)
        bus.export("/org/freedesktop/Notifications", self._notifications)

    async def appear(self) -> None:
        """The panel starts."""
        await self._bus.request_name(WATCHER)
        await self._bus.request_name(NOTIFICATIONS)

    async def vanish(self) -> None:
        """The panel ends, and forgets its items."""
        await self._bus.release_name(WATCHER)
        self._watcher.items.clear()

    async def item(self, limit_s: float = 20.0) -> TrayItem:
        """The last item that registered; waits for the first one."""
        async with asyncio.timeout(limit_s):
            while not self._watcher.items:
                await asyncio.sleep(POLL_S)
        name = self._watcher.items[-1]
        return TrayItem(self._bus, name)

    @property
    def notifications(self) -> list[Notification]:
        """All that programs told the user so far."""
        return self._notifications.seen

    async def notification(self, title: str, limit_s: float = 10.0) -> Notification:
        """Wait for a notification whose title contains `title`."""
        async with asyncio.timeout(limit_s):
            while True:
                for told in self.notifications:
                    if title in told.title:
                        return told
                await asyncio.sleep(POLL_S)

    def click_notification(self, told: Notification) -> None:
        """Click it, as the user would to learn more."""
        self._notifications.ActionInvoked(told.id, "default")


@contextlib.asynccontextmanager
async def tray_host(address: str, *, visible: bool = True) -> AsyncIterator[TrayHost]:
    """A panel on the bus at `address` while it is wanted; with `visible` false it has not started yet."""
    bus = await MessageBus(bus_address=address).connect()
    host = TrayHost(bus)
    if visible:
        await host.appear()
    try:
        yield host
    finally:
        bus.disconnect()
        await bus.wait_for_disconnect()


def _read(node: Any) -> MenuItem:
    number, properties, children = node.value if isinstance(node, Variant) else node
    found = {name: value.value for name, value in properties.items()}
    return MenuItem(
        number,
        str(found.get("label", "")).replace("__", "\0").replace("_", "").replace("\0", "_"),
        found.get("enabled", True),
        found.get("visible", True),
        bool(found["toggle-state"]) if found.get("toggle-type") else None,
        found.get("type") == "separator",
        tuple(_read(child) for child in children),
    )
