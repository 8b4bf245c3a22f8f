"""Explains what people paste: replies of servers, logs of Exchange and of clients, errors of programs."""

from .command import add_parser

__all__ = ["add_parser"]
