"""The website: MkDocs knows `hook.py` alone; what draws is plain functions from data to Markdown or SVG."""
