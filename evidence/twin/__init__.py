"""The same site is built by MkDocs and by ProperDocs, which could replace it, and compared file by file."""
