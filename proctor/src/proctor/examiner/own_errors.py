"""Owns the classes that stand for a student's own exceptions: an instance knows the one there, and asks it for what was not told."""

from proctor.examiner.proxy import is_proxy

MEMORY = "_proctor_told"  # an instance's (text, proxy of the one there, or None)
TOLD = (
    "candidate_type",
    "candidate_lines",
    "candidate_traceback",
    "__notes__",
)  # of one that was raised


def kind(name, bases, space, classes):
    """A class for a student's; one that a test makes an instance of asks `classes.construct`."""

    def __init__(self, *args, **more):
        like = classes.construct(type(self), args, more)
        if like is None:
            return super(made, self).__init__(*args, **more)
        self.args = like.args
        vars(self).update({name: value for name, value in vars(like).items() if name not in TOLD})

    def __str__(self):
        return vars(self)[MEMORY][0] if MEMORY in vars(self) else super(made, self).__str__()

    def __getattr__(self, name):
        there = vars(self).get(MEMORY, (None, None))[1]
        if there is None or name.startswith("_"):
            raise AttributeError(
                f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self
            )
        return getattr(there, name)

    made = type(
        name,
        bases,
        {
            **space,
            "__init__": __init__,
            "__str__": __str__,
            "__getattr__": __getattr__,
            MEMORY: None,
        },
    )
    return made


def is_own(kind):
    """Whether a class stands for a student's, or derives from one that does."""
    return hasattr(kind, MEMORY)


def remember(error, text, there):
    """Let an instance of a student's class know its text and the one there."""
    if is_own(type(error)):
        vars(error)[MEMORY] = text, there if is_proxy(there) else None


def there(error):
    """The proxy of the student's own exception that this stands for, else None."""
    return vars(error)[MEMORY][1] if is_own(type(error)) and MEMORY in vars(error) else None
