"""What goes wrong with a provider and its tokens, in sentences for whoever asked. None may repeat a token."""

from access.authentication import KeyRefused


class TokenRefused(KeyRefused):
    """What came is no token that is believed here."""


class NoRole(Exception):
    """The provider vouches for who came, and gives them no role here."""


class ProviderUnavailable(Exception):
    """The provider does not answer, or not as one does."""


class SignInRefused(Exception):
    """The provider did not sign in who came; ``code`` is its error."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class SignInLost(Exception):
    """What came back belongs to no sign-in of this browser: it is too old, was finished, or was begun elsewhere."""
