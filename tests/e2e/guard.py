"""What no page may do, whatever the test is about.

Errors on the console (a violated CSP is one), exceptions nobody caught, dialogs, and requests to
anybody but the host.
"""

from __future__ import annotations

import re

from playwright.sync_api import BrowserContext, ConsoleMessage, Dialog, Page, Request, WebError

AWAY = re.compile(r"net::ERR_|WebSocket connection to '[^']*' failed")
"""What a browser says when the network or the host is gone, and no page can hold back."""


class Guard:
    """Watches contexts; `check` fails if anything was wrong in one of them."""

    def __init__(self) -> None:
        self.homes: set[str] = set()  # origins of the hosts
        self.requests: list[str] = []
        self._faults: list[str] = []
        self._allowed: list[re.Pattern[str]] = []

    def watch(self, context: BrowserContext) -> None:
        context.on("console", self._console)
        context.on("weberror", self._error)
        context.on("dialog", self._dialog)
        context.on("request", self._request)
        context.on("page", self._page)

    def allow(self, pattern: str | re.Pattern[str]) -> None:
        """Expect some errors on consoles in this test."""
        self._allowed.append(re.compile(pattern))

    def check(self) -> None:
        faults = [
            fault
            for fault in self._faults
            if not any(pattern.search(fault) for pattern in self._allowed)
        ]
        assert not faults, "\n".join(faults)
        assert not self._strange(), f"requests to others than the host: {self._strange()}"

    def _strange(self) -> list[str]:
        homes = [*self.homes, *(home.replace("http", "ws", 1) for home in self.homes)]
        own = (*(f"{home}/" for home in homes), "data:", "blob:")
        return [url for url in self.requests if not url.startswith(own)]

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            where = message.location.get("url", "")
            self._faults.append(f"console: {message.text} ({where})")

    def _error(self, error: WebError) -> None:
        self._faults.append(f"page error: {error.error}")

    def _dialog(self, dialog: Dialog) -> None:
        self._faults.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _request(self, request: Request) -> None:
        self.requests.append(request.url)

    def _page(self, page: Page) -> None:
        page.on("websocket", lambda socket: self.requests.append(socket.url))
