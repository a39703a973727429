"""A player's game that outlives its links."""

from justeprix.client.client import Client, Manche

__all__ = ["Client", "Manche"]
