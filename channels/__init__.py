"""Adapters to message providers, one file per vendor: send, verify, parse, map status and errors."""
