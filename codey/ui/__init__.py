"""What the person sees: rendering is pure, the terminal has the effects."""
