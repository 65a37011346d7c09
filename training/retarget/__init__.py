"""The solver that reads ARKit weights from landmarks: its frames, its network, its figures."""
