"""Why a call did not come back with a map: its error, and the lines that led to it."""
