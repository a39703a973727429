"""Bots that pupils wrote play each other here, without a network."""
