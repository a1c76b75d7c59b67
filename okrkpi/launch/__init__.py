"""What `run.py` does before Django exists. Only the standard library is imported here."""
