"""A studio's own model of its one topology: shape keys for the active mesh, vertex by vertex."""
