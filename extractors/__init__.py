"""Web -> records: everything that storywatch knows about feeds, pages, text, relevance and duplicates.

Imports neither prefect nor duckdb. Records and errors are standard library only, so that anybody may see them.
"""
