"""The filter language: its oracle, its random worlds and its laws."""
