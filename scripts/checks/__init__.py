"""What the linters do not check: sizes, directions of imports, and what a plain import loads."""
