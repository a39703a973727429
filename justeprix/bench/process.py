"""A process of the load as its pipes see it; `crew.py` is at their other end.

Lines of JSON. In come an `Order` first, and then

    {"begin": …, "end": …}   practice: when the measure is (perf_counter_ns); play from now on

The end of the input means: leave at once. Ctrl-C comes as that too: a process is a group of its
own, and hears no key. Out go

    {"greeted": …, "waiting": …, "guesses": …}   four times a second
    {"ready": true}                              all are in, or will never be
    {"tally": …, "seconds": …, "share": …}       the result, at last
    {"bug": …}                                   or that
"""

from __future__ import annotations

import json
import os
import threading
import time
from contextlib import suppress
from queue import SimpleQueue
from typing import Any

from justeprix.bench.load import Load, Order, Said
from justeprix.net.descriptors import descriptors

__all__ = ["main"]

LAST_MOMENT = 10.0
"""Seconds after which a process ends that was left alone, whatever holds it up."""


def main() -> None:
    """Do what the first line of the input says."""
    said: Said = SimpleQueue()
    threading.Thread(target=_listen, args=(said,), daemon=True).start()
    order = said.get()
    if order is None:
        return
    descriptors()  # as many as the system gives
    try:
        Load(Order(**order), said, _speak).run()
    except Exception as bug:
        _speak({"bug": f"{type(bug).__name__}: {bug}"})


def _listen(said: Said) -> None:
    """Pass on what the crew says."""
    with open(0, "rb", buffering=0, closefd=False) as orders:  # no lock that an exit waits for
        for line in orders:
            said.put(json.loads(line))
    said.put(None)
    time.sleep(LAST_MOMENT)
    os._exit(1)


def _speak(message: dict[str, Any]) -> None:
    """Tell the crew, if it is still there."""
    data = json.dumps(message).encode() + b"\n"
    with suppress(OSError):
        while data:
            data = data[os.write(1, data) :]
