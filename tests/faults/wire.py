"""Two network namespaces and the wire between them, in our hands: it loses, delays, and dies.

    with Wire(random.Random(seed)) as wire:
        wire.loss, wire.delay = 0.1, 0.02
        host = HostProcess(db, through=wire.through, bind=THERE, port=2300)
        wire.inside(wire.here, play)          # in a thread that lives in the other namespace
        wire.loss = 1.0                       # dead Wi-Fi: no socket is told

The wire is two TUN devices, one in each namespace, and a thread that carries the packets from one
to the other: the kernel's TCP on both sides is the real one, and no module (netem) is needed. The
names are of this run alone; the devices go with their descriptors, the namespaces on leaving.
"""

from __future__ import annotations

import ctypes
import heapq
import itertools
import os
import random
import secrets
import select
import shutil
import struct
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from typing import Self, TypeVar

__all__ = ["HERE", "THERE", "WHY_NOT", "Wire", "enter"]

HERE, THERE = "10.77.0.2", "10.77.0.1"
"""The addresses of the clients' side and of the host's, inside the namespaces only."""

TUN = "/dev/net/tun"
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
CLONE_NEWNET = 0x40000000

WHY_NOT = (
    "network namespaces are Linux's" if sys.platform != "linux"
    else "only root may make network namespaces" if os.geteuid()
    else "there is no ip command (iproute2)" if shutil.which("ip") is None
    else f"this kernel has no {TUN}" if not os.path.exists(TUN)
    else ""
)  # fmt: skip
"""Why there can be no wire on this system; empty if there can."""

T = TypeVar("T")


class Wire:
    """Both namespaces, up and joined; `loss` and `delay` (seconds) may be set at any time."""

    def __init__(self, rng: random.Random) -> None:
        self.loss = self.delay = 0.0
        self.carried: Counter[str] = Counter()
        name = f"jp{secrets.token_hex(3)}"
        self.here, self.there = f"{name}h", f"{name}t"
        self._rng = rng
        self._stack = ExitStack()
        self._ends: list[int] = []

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            for name, address in ((self.here, HERE), (self.there, THERE)):
                _run("ip", "netns", "add", name)
                stack.callback(_run, "ip", "netns", "del", name)
                self._ends.append(self._device(name, address))
                stack.callback(os.close, self._ends[-1])
            wake, self._wake = os.pipe()
            stack.callback(os.close, wake)
            stack.callback(os.close, self._wake)
            carrier = threading.Thread(target=self._carry_all, args=(wake,), name="wire")
            carrier.start()
            stack.callback(carrier.join)
            stack.callback(os.write, self._wake, b"\0")
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._stack.close()

    @property
    def through(self) -> tuple[str, ...]:
        """The command that starts another one on the host's side."""
        return ("ip", "netns", "exec", self.there)

    def link(self, state: str) -> None:
        """Take the clients' device `down` or `up`, as who closes a lid does."""
        _run("ip", "-n", self.here, "link", "set", self.here, state)

    def inside(self, namespace: str, call: Callable[[], T]) -> T:
        """Return what a call returns that is made in a namespace."""
        with ThreadPoolExecutor(1, f"in {namespace}", enter, (namespace,)) as pool:
            return pool.submit(call).result()

    def _device(self, namespace: str, address: str) -> int:
        """Make a TUN device of the namespace's name, and put it there."""
        import fcntl  # not on Windows, which only asks WHY_NOT

        end = os.open(TUN, os.O_RDWR | os.O_NONBLOCK)
        try:
            wanted = struct.pack("16sH22x", namespace.encode(), IFF_TUN | IFF_NO_PI)
            fcntl.ioctl(end, TUNSETIFF, wanted)
            _run("ip", "link", "set", namespace, "netns", namespace)
            for device in ("lo", namespace):
                _run("ip", "-n", namespace, "link", "set", device, "up")
            _run("ip", "-n", namespace, "addr", "add", f"{address}/24", "dev", namespace)
        except BaseException:
            os.close(end)
            raise
        return end

    def _carry_all(self, wake: int) -> None:
        """Carry packets until we are woken; those on their way are in `coming`."""
        coming: list[tuple[float, int, int, bytes]] = []
        order = itertools.count()
        while True:
            pause = max(0.0, coming[0][0] - time.monotonic()) if coming else None
            ready = select.select([wake, *self._ends], [], [], pause)[0]
            if wake in ready:
                return
            for end in ready:
                self._take(end, coming, order)
            while coming and coming[0][0] <= time.monotonic():
                _, _, end, packet = heapq.heappop(coming)
                with suppress(OSError):  # the device is down: so much for the packet
                    os.write(end, packet)

    def _take(
        self, end: int, coming: list[tuple[float, int, int, bytes]], order: itertools.count[int]
    ) -> None:
        try:
            packet = os.read(end, 65536)
        except OSError:  # down
            return
        lost = self._rng.random() < self.loss
        self.carried["lost" if lost else "carried"] += 1
        if not lost:
            other = self._ends[1 - self._ends.index(end)]
            due = time.monotonic() + self.delay
            heapq.heappush(coming, (due, next(order), other, packet))


def enter(namespace: str) -> None:
    """Have this thread live in a namespace: its new sockets are there."""
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = os.open(f"/run/netns/{namespace}", os.O_RDONLY)
    try:
        if libc.setns(descriptor, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")
    finally:
        os.close(descriptor)


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"
