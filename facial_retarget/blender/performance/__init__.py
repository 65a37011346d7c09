"""What performances of every source have in common: the bake, its options and its panel."""
