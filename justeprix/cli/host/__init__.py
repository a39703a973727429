"""`justeprix host`: the command, and the console that the teacher types into."""
