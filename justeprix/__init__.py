"""The juste prix in class: a host, a client, a number to find."""

from justeprix.client import Client, Manche
from justeprix.errors import Refused
from justeprix.server import Server

__all__ = ["Client", "Manche", "Refused", "Server", "__version__"]
__version__ = "0.1.0"
