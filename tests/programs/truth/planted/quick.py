"""Takes no time to be imported."""
