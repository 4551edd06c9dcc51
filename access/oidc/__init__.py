"""Who asks, as an OpenID provider says: an extra, ``daybook[oidc]``. Its library is imported when a token comes.

``configuration`` says whom to believe and what; ``provider`` knows the provider's addresses and keys; ``tokens``
judges tokens; ``identities`` makes of their claims somebody with a role; ``bearers`` answers for the API,
``signing_in`` for the pages. Knows no HTTP of ours: only how to ask the provider.
"""
