"""Mirrors justeprix/store: the contract, and its one engine."""
