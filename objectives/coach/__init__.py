"""The coach: checks W1 to W25 of product.md 4, as pure rules over texts and numbers.

No database, no clock, no model: `facts` is what a caller fills in, `advice` what it asks.
"""
