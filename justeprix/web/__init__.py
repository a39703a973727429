"""The pages: the same game in a browser, the board for the class, the teacher's remote."""
