"""Long jobs: a worker process, watched by a modal operator while Blender stays usable."""
