"""Every write of the reviews app, each one transaction."""
