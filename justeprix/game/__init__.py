"""The game without a wire: secrets, guesses, rounds, names, who is here. Pure."""
