"""`justeprix play`: the command, and the screen of who plays at the keyboard."""
