"""The demonstration: a CC0 head that talks, made from files that anyone can get with pip."""
