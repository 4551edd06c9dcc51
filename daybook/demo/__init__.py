"""A small invented sample: eighteen orders in as many places, one for each way an order can stand.

`orders.ndjson` is a file for `daybook import` like any other; nobody in it exists. It shows every status.
"""
