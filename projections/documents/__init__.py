"""Which invoices, credit memos, shipments, batches and dispatches are there, and what does each say."""
