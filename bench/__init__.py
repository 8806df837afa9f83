"""How fast: the same questions at sizes that matter, through pytest-benchmark."""
