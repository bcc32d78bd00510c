"""Tests: one file per module, a test's name is the fact that it proves. Nothing here sends beyond 127.0.0.1."""
