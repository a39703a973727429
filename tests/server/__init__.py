"""Mirrors justeprix/server."""
