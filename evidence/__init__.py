"""Programs that prove what the site says of minipop; `make evidence` runs them all.

`python -m evidence.soak` runs one. Each writes what it has found into evidence/records, from where the site
draws it. Nothing here imports the tests or the site; the tests import what they need of this.
"""
