"""Face shapes: heads to learn from, their preparation, baselines and figures."""
