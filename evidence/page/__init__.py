"""How long a reader waits for the Lab in the page, beside JupyterLite."""
