"""What survives the host: one contract, `Store`, and its implementations."""

from __future__ import annotations

from pathlib import Path

from justeprix.store.contract import Store

__all__ = ["Store", "open_store"]


def open_store(place: str | Path, *, durable: bool = False, reading: bool = False) -> Store:
    """Open what is kept in a file, made if there is none; `:memory:` keeps nothing.

    `durable`: each step waits for the disk, so that even a power cut loses nothing.
    `reading`: only of a file that is there, which need not be writable, nor its folder.
    Raises StoreError if the place can't be used, is not ours, or comes from a newer version.
    """
    from justeprix.store.sqlite import SqliteStore  # who only plays starts without

    return SqliteStore(place, durable=durable, reading=reading)
