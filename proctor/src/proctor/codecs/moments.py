"""Owns times with their zones, and parsed addresses: how each is written as a node, and made again from one that may lie."""

import datetime
import re
import time
import urllib.parse
import zoneinfo

URLS = {
    kind.__name__: kind
    for kind in (urllib.parse.ParseResult, urllib.parse.SplitResult, urllib.parse.DefragResult)
}
ZONE = re.compile(r"[A-Za-z][\w+-]{0,30}(/[A-Za-z][\w+-]{0,30}){0,2}", re.ASCII)
LONGEST = 1 << 40


def moment(packer, value):
    """A datetime, with its offset from UTC in microseconds and its zone's name, if it has them."""
    offset = value.utcoffset()
    micro = None if offset is None else offset // datetime.timedelta(microseconds=1)
    zone = (
        [value.tzinfo.key]
        if type(value.tzinfo) is zoneinfo.ZoneInfo and type(value.tzinfo.key) is str
        else []
    )
    return [
        "datetime",
        value.year,
        value.month,
        value.day,
        value.hour,
        value.minute,
        value.second,
        value.microsecond,
        value.fold,
        micro,
        *zone,
    ]


def fits(parts):
    """Whether these are the nine numbers of a time, its zone's name and its offset."""
    *numbers, name, offset = parts
    return (
        len(numbers) == 9
        and all(type(number) is int and abs(number) < LONGEST for number in numbers)
        and type(name) in (str, type(None))
        and type(offset) in (int, type(None))
    )


def clock(packer, value):
    """A time of the time module; a tuple if it is an odd one."""
    parts = *value, value.tm_zone, value.tm_gmtoff
    return ["struct_time", *parts] if fits(parts) else packer.group("tuple", tuple(value), 0)


def address(packer, value):
    """A parsed address; a tuple if it is an odd one."""
    parts = tuple(tuple.__iter__(value))
    return (
        packer.group("url", (type(value).__name__, *parts), 0)
        if all(type(part) is str for part in parts)
        else packer.group("tuple", parts, 0)
    )


def make_moment(year, month, day, hour, minute, second, micro, fold, offset, name=None):
    """A datetime; in the zone of this name if that has this offset then."""
    zone = None if offset is None else datetime.timezone(datetime.timedelta(microseconds=offset))
    made = datetime.datetime(year, month, day, hour, minute, second, micro, zone, fold=fold)
    if zone and type(name) is str and ZONE.fullmatch(name):
        try:
            found = made.replace(tzinfo=zoneinfo.ZoneInfo(name))
        except (OSError, ValueError, KeyError, ImportError):
            return made
        return found if found.utcoffset() == made.utcoffset() else made
    return made


def make_struct_time(*parts):
    """A time of the time module: nine numbers, the zone's name and its offset."""
    if not fits(parts):
        raise ValueError("no time")
    return time.struct_time(parts)


def make_url(name, *parts):
    """A parsed address."""
    if not all(type(part) is str for part in parts) or len(parts) != len(URLS[name]._fields):
        raise ValueError("no address")
    return tuple.__new__(URLS[name], parts)


EXACT = {
    datetime.datetime: moment,
    time.struct_time: clock,
    **dict.fromkeys(URLS.values(), address),
}
MAKE = {"datetime": make_moment, "struct_time": make_struct_time, "url": make_url}
