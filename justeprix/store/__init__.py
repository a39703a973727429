"""What survives the host: one contract, `base.Store`, and its implementations."""

from justeprix.store.base import Store
from justeprix.store.sqlite import SqliteStore

__all__ = ["SqliteStore", "Store"]
