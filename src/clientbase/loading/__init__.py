"""Set-based upserts of any source: the API, files, syncs."""
