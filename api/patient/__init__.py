"""Pages for patients: check-in, care instructions, unsubscribing. No scripts, no cookies, nothing from elsewhere."""
