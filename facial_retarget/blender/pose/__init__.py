"""Pose: a slider for every channel poses the face without a key, keys it or makes assets of it."""
