"""What retargeting is worth, beside its peers."""
