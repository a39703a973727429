"""A fuzzer's bytes, read as a row of choices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

__all__ = ["Choices"]

T = TypeVar("T")


class Choices:
    """Takes choices from the front of some bytes; what is missing counts as 0."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def __bool__(self) -> bool:
        """Whether there is anything left to choose from."""
        return self._at < len(self._data)

    def below(self, bound: int) -> int:
        """Choose a number from 0, by one byte."""
        return self.take(1)[0] % bound if self else 0

    def pick(self, options: Sequence[T]) -> T:
        return options[self.below(len(options))]

    def take(self, size: int) -> bytes:
        """Take so many bytes, or what is left."""
        taken = self._data[self._at : self._at + size]
        self._at += len(taken)
        return taken

    def segment(self) -> bytes:
        """Take a piece whose length is told by its first byte; 255 means a long start."""
        size = self.below(256)
        if size < 255:
            return self.take(size)
        return self.take(1) * 600 + self.take(self.below(256))
