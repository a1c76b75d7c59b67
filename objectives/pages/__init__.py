"""What the pages of signals and objectives say, built once in Python and printed by templates."""
