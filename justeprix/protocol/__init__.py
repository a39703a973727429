"""Bytes into words and words into bytes, of both sides and on every transport. Pure."""
