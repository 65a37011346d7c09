"""Shape keys for a neutral head: the button, its options, its landmarks and what came of it."""
