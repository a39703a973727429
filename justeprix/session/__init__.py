"""One player as the host hears them: a message in, a reply and rows out. Pure."""
