"""A class's marks, and the files that Canvas and Moodle write for it, by their documented forms."""

from proctor.export.marks import AssignmentMarks, Status, StudentMarks

# lib/gradebook_exporter.rb of Canvas: a header; the posting policies, if one is manual; the points,
# after four spaces; students by name, the test student last; “EX” for an excused one, “N/A” for one
# whom the assignment is not assigned to; columns of totals, which say “(read only)”.
CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,Notes,Quiz 0 (4000),ps1 (4321),Final Score
,,,,,,,Manual Posting,
    Points Possible,,,,,,5.00,10.00,(read only)
"Hopper, Grace",12345,S001,grace,"Lab 1, Monday",,4.00,,80.00
"Lovelace, Ada",1002,S002,ADA@example.org,Lab 1,"says ""hi"" twice",5.00,7.00,100.00
"Öztürk, Bob",777,S003,bob77,Lab 1,,5.00,EX,100.00
"Charisse, Cyd",1004,cyd,cydc,Lab 1,,5.00,N/A,100.00
"Dare, Dan",1005,dan,dand,Lab 1,,5.00,3.00,100.00
"Ek, Eve",1006,eve,evee,Lab 1,,5.00,,100.00
"Newman, Nina",1099,S099,nina,Lab 1,,5.00,,100.00
"Student, Test",1100,,5f0a,Lab 1,,,,0.00
"""

# mod/assign/gradingtable.php of Moodle, in the languages of its packs en and de.
MOODLE = """\
Identifier,"Full name","ID number","Email address",Status,Grade,"Maximum grade",\
"Grade can be changed","Last modified (submission)","Last modified (grade)","Feedback comments"
"Participant 12345","Grace Hopper",,grace@example.org,"Submitted for grading - ",,10.00,Yes,\
"Monday, 1 December 2025, 10:00 AM",-,
"Participant 5002","Ada_Lovelace",,ADA@example.org,"Submitted for grading - ",2.00,10.00,Yes,\
"Monday, 1 December 2025, 10:00 AM",-,"<p>A comment,
of two lines</p>"
"Participant 5003","Bob Öztürk",bob,,"Submitted for grading - ",1.00,10.00,No,-,-,
"Participant 5004","Cyd Charisse",cyd,,"Submitted for grading - ",,10.00,Yes,-,-,
"""
MOODLE_GERMAN = """\
ID,"Vollständiger Name",ID-Nummer,E-Mail-Adresse,Status,Bewertung,Bestwertung,\
"Bewertung kann geändert werden","Zuletzt geändert (Abgabe)","Zuletzt geändert (Bewertung)",\
"Feedback als Kommentar"
Teilnehmer/in12345,"Grace Hopper",,,"Zur Bewertung abgegeben",,"10,00",Ja,\
"Mittwoch, 13. März 2024, 10:15",-,
Teilnehmer/in5003,"Bob Öztürk",bob,,"Zur Bewertung abgegeben",,"10,00",Nein,-,-,
"""


def student(
    name: str,
    status: Status = Status.GRADED,
    score: float | None = 8.5,
    penalty: float = 0.0,
    **person: str,
) -> StudentMarks:
    """One student's marks."""
    known = {"first_name": "", "last_name": "", "email": "", "lms_user_id": ""} | person
    return StudentMarks(name, status=status, raw_score=score, penalty=penalty, **known)


def class_marks(*students: StudentMarks, most: float = 10.0, notebooks=("ps1",)) -> AssignmentMarks:
    """The marks of a class, by default of one with a student of each status."""
    everybody = students or (
        student("12345", email="grace@example.org"),
        student("ada", score=9.0, penalty=1.5, email="ada@example.org"),
        student("bob", lms_user_id="777"),
        student("cyd"),
        student("dan", Status.NEEDS_MANUAL_GRADE, 4.0),
        student("eve", Status.NOT_HANDED_IN, None),
        student("fay", Status.NOT_GRADED, 0.0),
    )
    return AssignmentMarks("ps1", None, most, tuple(notebooks), tuple(everybody))
