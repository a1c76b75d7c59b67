"""What the pages of the reviews app print."""
