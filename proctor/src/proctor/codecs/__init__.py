"""What crosses between examiner and candidate: frames, values, and the memory both sides share in name only."""
