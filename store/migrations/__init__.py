"""Migrations of the store, run by `store.migrate`."""
