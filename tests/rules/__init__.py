"""The clauses of rules.md: a file a chapter, and each test quotes its clause."""
