"""A small invented sample: seventeen orders in as many places, one for each way an order can stand.

`orders.ndjson` is a file for `daybook import` like any other; nobody in it exists. It shows every status but
`Closed`, which needs a refund.
"""
