"""What makes pyspnego, PyJWT and urllib3 run in a page as they are: stand-ins for modules that they import.

Most belong to the library cryptography, which has native code and so is not there. They do what the lessons
need of it: RC4 for NTLM, and RSA signatures for access tokens. Neither is fit for real secrets: keys are
published with the site, and the time that a signature takes depends on them.
"""

from .stand_ins import install

__all__ = ["install"]
