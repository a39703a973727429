"""Sockets, addresses and trust, for host, client and load alike: words perhaps, no game."""
