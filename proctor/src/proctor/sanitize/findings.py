"""The findings that a test may record beside what it displays: text of bounded length, no more.

An output's data hold them under the key `KIND`: a list of objects with `name` (short and stable,
which is what is counted), `text` (what was found in this answer) and, where there is something to
say, `means` (what the name means of any answer) and `advice` (what an instructor could do about it).
"""

from proctor.sanitize.text import printable, shortened

KIND = "application/vnd.proctor.finding+json"
MOST = 20  # findings of one output
LONGEST = {"name": 80, "text": 4000, "means": 400, "advice": 400}  # in characters


def clean_findings(recorded: object) -> list[dict[str, str]]:
    """What of a list of findings has the format, as plain text of bounded length.

    Whatever comes, nothing is raised.
    """
    findings = []
    for one in recorded[:MOST] if isinstance(recorded, list) else []:
        if not isinstance(one, dict):
            continue
        parts = {
            key: " ".join(printable(shortened(one[key], longest)).split())
            for key, longest in LONGEST.items()
            if isinstance(one.get(key), str)
        }
        if parts.get("name"):
            findings.append(parts)
    return findings
