"""A studio's own model: trained on its characters of one topology, from JSON files.

The data is one folder. Every character in it is either a folder of its own

    DIR/anna/neutral.json       {"vertices": [[x, y, z], ...]}
    DIR/anna/jawOpen.json       the same vertices, moved
    DIR/anna/...

or one file, DIR/anna.json, {"neutral": [...], "targets": {"jawOpen": [...], ...}}, which is also
what `facial-retarget shapes NEUTRAL.json --model MODEL -o OUT.json` writes. A list of vertices may
be flat. All have the same vertices in the same order, unit, axes and place; a target that some
characters lack is trained on the others.
"""
