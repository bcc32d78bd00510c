"""Measurements: commands that print figures. Not installed; they serve everything themselves, on 127.0.0.1."""
