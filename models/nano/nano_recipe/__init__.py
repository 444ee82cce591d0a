"""The recipe behind `nano-coder.gguf`: from readable data to weights, one module per step."""
