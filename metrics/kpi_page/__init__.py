"""What the KPI page says, as strings and small rows: built once in Python, printed by templates.

Pure but for `loading`: the rows are read there, and nothing here asks the database again.
"""
