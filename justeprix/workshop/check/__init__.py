"""The checkers: a pupil's client or server is tried out, fault by fault, as a test runner would."""
