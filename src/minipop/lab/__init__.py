"""The Lab and the world of the lessons."""

from .lab import LANGUAGES, Lab

__all__ = ["LANGUAGES", "Lab"]
