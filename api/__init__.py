"""The edge: webhooks of vendors, the staff's JSON API, and the patients' pages, over HTTP."""
