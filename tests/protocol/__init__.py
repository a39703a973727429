"""Mirrors justeprix/protocol."""
