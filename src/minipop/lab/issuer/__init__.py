"""The issuer of the lessons: hands out tokens as Microsoft Entra ID does, by https on loopback.

It is shaped after the documents of the Microsoft identity platform on the client credentials flow and on the
device authorization grant flow, so that Microsoft's own library, msal, takes it for the real one.
"""

from .grants import SignInError
from .issuer import Issuer
from .keys import SigningKey

__all__ = ["Issuer", "SignInError", "SigningKey"]
