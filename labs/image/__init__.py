"""Looking into images: what is in them, who signed them, and how two of them differ."""
