"""Owns the small process beside a zygote that makes rooms for its candidates, one ahead. A trusted program of its own: it never holds what the zygote holds."""

import array
import json
import os
import signal
import socket

from proctor.sandbox import identity, kernel, room
from proctor.sandbox.keeper import Plan, keep
from proctor.sandbox.limits import Limits
from proctor.sandbox.view import View

_LONGEST = 1 << 20
_WANTED = b"room"


def serve(descriptor: int) -> None:
    """Read a plan from the socket, then hand out a room for each request, until the zygote is gone."""
    link = socket.socket(fileno=descriptor)
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    os.umask(0o022)  # the candidate, who may be another user, passes through the folders made here
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the zygote's owner
    try:
        plan = read_plan(link.recv(_LONGEST))
        _move_in(plan)
    except Exception as error:
        link.send(json.dumps({"error": str(error)}).encode())
        return
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    link.send(b"{}")
    while True:
        facts, descriptors = _make_room(plan)
        if link.recv(len(_WANTED)) != _WANTED:
            return
        link.sendmsg(
            [json.dumps(facts).encode()],
            [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))],
        )
        for descriptor in descriptors:
            os.close(descriptor)


def write_plan(plan: Plan) -> bytes:
    facts = {
        "shown": plan.shown.shown,
        "links": plan.shown.links,
        "public": plan.shown.public,
        "folder": plan.folder,
        "limits": vars(plan.limits),
    }
    return json.dumps(facts).encode()


def read_plan(text: bytes) -> Plan:
    facts = json.loads(text)
    pairs = {
        name: tuple((what, where) for what, where in facts[name]) for name in ("shown", "links")
    }
    return Plan(
        View(pairs["shown"], pairs["links"], facts["public"]),
        facts["folder"],
        Limits(**facts["limits"]),
    )


def _move_in(plan: Plan) -> None:
    """Build the room once; each keeper's mount namespace is a copy of this process's."""
    uid, group = os.geteuid(), os.getegid()
    if uid == 0:
        kernel.unshare(
            kernel.CLONE_NEWNS
        )  # as root itself, who can reach Python's files wherever they lie
    else:
        identity.enter_namespaces(kernel.CLONE_NEWNS, uid, group, uid)
    room.build(plan.shown, plan.folder, identity.choose(plan.shown.public).inside)


def _make_room(plan: Plan) -> tuple[dict, list[int]]:
    """What to tell of a fresh room, and its first process, the keeper's report and where to give it its order."""
    warden = os.getpid()
    hear, report = os.pipe()
    order, give_order = os.pipe()
    if not os.fork():
        os.close(hear)
        os.close(give_order)
        keep(plan, warden, report, order)
    os.close(report)
    os.close(order)
    told = os.read(hear, 65536)
    facts = json.loads(told) if told else {"error": "the keeper of the room ended without a word"}
    first = [os.pidfd_open(facts["first"])] if "first" in facts else []
    return facts, [*first, hear, give_order]
