"""How values cross between examiner and candidate: frames, exact codecs, and what both sides keep alike."""
