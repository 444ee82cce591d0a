"""Where the old text of an edit stands in a file, although the model did not copy it exactly."""
