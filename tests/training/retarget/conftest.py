from importlib.util import find_spec

# `make test-training` makes the environment that has them.
_NEEDED = ("torch", "scipy", "numba")
collect_ignore_glob = [] if all(map(find_spec, _NEEDED)) else ["test_*.py"]
