"""The Lab and the world of the lessons."""

from .lab import LANGUAGES, Lab
from .realm import RealmError

__all__ = ["LANGUAGES", "Lab", "RealmError"]
