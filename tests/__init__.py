"""Do they agree: the questions put to every witness, and the tests of the harness itself."""
