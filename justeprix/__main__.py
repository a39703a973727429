"""`python -m justeprix` is the same as `justeprix`."""

from justeprix.cli import main

main()
