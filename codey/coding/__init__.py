"""From a Task to a Reply: prompts and the model that answers them."""
