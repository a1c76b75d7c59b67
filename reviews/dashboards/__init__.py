"""The arithmetic of the leader's dashboard, and the reading of what it is made from.

`scope` says whose rows and as of when, `picture` reads them in a constant number of queries; the
other modules are pure: facts in, figures out.
"""
