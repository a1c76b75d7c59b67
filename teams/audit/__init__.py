"""The audit record: events written with each change, sealed in a chain, verified by a command."""
