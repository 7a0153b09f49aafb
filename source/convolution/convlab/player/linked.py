"""Owns players that belong together: one under the other, and what moves in one moves in all."""

from html import escape


class Linked:
    """Several Players of the same number of positions, under one sentence, `caption`."""

    def __init__(self, players, caption):
        self.players, self.caption = players, caption
        for player in players:
            player.linked = True

    def __repr__(self):
        return "\n".join(
            [self.caption, *(f"{player.title}: {player!r}" for player in self.players)]
        )

    def _repr_mimebundle_(self, include=None, exclude=None):
        inside = "".join(player._repr_mimebundle_()["text/html"] for player in self.players)
        return {
            "text/html": f'<p>{escape(self.caption)}</p><div class="cl-linked" style="display:flex;flex-wrap:wrap;align-items:flex-end;gap:16px">{inside}</div>',
            "text/plain": repr(self),
        }
