DISAGREEMENTS: dict[str, tuple[str, str]] = {}
