"""SASL mechanisms, one module each; a mechanism is a generator, see `minipop.protocol.policy.Mechanism`."""

from .gssapi import gssapi
from .login import login
from .ntlm import ntlm
from .plain import plain
from .xoauth2 import xoauth2

__all__ = ["gssapi", "login", "ntlm", "plain", "xoauth2"]
