"""What is kept between turns, and what of it fits into a window."""
