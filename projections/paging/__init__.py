"""What all lists share: how a question is read from parameters, words and names found, a page cut and a cursor written.

It knows no list: columns and tables are handed in.
"""
