"""The fault laboratory: what breaks a class's network, machine and patience, done on purpose."""
