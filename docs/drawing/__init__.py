"""The pictures of the documentation, drawn from the code: who imports whom, the Dags, the tables.

A picture drawn by hand is true on the day it is drawn. ``make pictures`` draws these anew; a test compares the stamp each one
carries with what the code says now.
"""
