"""Mirrors justeprix/net."""
