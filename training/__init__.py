"""Trains and measures the models that the add-on ships; never part of it."""
