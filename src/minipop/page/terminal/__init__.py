"""The POP3 terminal: what a reader types goes to a Lab, and what comes of it is described for the page.

Everything that is shown is plain data; the words around it are the site's.
"""

from .terminal import Choice, Terminal

__all__ = ["Choice", "Terminal"]
