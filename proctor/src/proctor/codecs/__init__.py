"""How values cross between examiner and candidate, exactly or not at all.

`frames` are read from a socket, `encode` and `decode` turn values into nodes and back, and a `crossing` keeps both
sides alike: lists, arrays and tables that crossed are numbered (`tracking`) and changed in place on either side.
The codecs are `scalars`, `containers`, `arrays` over shared `memory`, `tables` of pandas, and `exceptions`.
"""
