"""Webhooks of vendors: verified over raw bytes, stored before they are acknowledged."""
