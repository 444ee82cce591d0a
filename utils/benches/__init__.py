"""What `utils/bench.py` measures, a module for each part; each has one function, named in `PARTS` there."""
