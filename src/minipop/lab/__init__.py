"""The Lab and the world of the lessons."""

from .lab import Lab

__all__ = ["Lab"]
