"""Proofs over the log: the Merkle tree over its events, signed checkpoints, tiles, inclusion and consistency proofs.

The formats are those of the field: the tree of RFC 6962 and RFC 9162 with SHA-256, C2SP signed notes with Ed25519,
C2SP tlog-checkpoint and tlog-tiles; docs/reference/proofs.md describes them. Nothing here ever touches an event row.
"""
