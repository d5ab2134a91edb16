"""All datagrams that wait on a UDP socket, read in one system call, each with its time.

recvmmsg(2) with SO_TIMESTAMPNS, as 64-bit Linux has them: reading ten times a second costs less
than waking for each packet, and the kernel still says when each one came.
"""

import ctypes
import errno
import os
import socket
import struct
import sys
import time

SLOTS = 64
SLOT_BYTES = 2048

_SO_TIMESTAMPNS = 35
_CONTROL_BYTES = 32  # cmsghdr (16) and timespec (16)
_NAME_BYTES = 28  # sockaddr_in6, the longest
_IPV4 = struct.Struct("!2xH4s")
_IPV6 = struct.Struct("!2xH4x16s")


class _Vector(ctypes.Structure):
    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


class _Message(ctypes.Structure):
    """struct mmsghdr; 64 bytes, of which the last eight are the datagram's length and padding."""

    _fields_ = (
        ("name", ctypes.c_void_p),
        ("name_length", ctypes.c_uint32),
        ("vectors", ctypes.c_void_p),
        ("vector_count", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("control_length", ctypes.c_size_t),
        ("flags", ctypes.c_int),
        ("padding", ctypes.c_int),
        ("length", ctypes.c_uint32),
    )


def is_supported() -> bool:
    """Whether this system's recvmmsg is laid out as it is here."""
    known = sys.platform == "linux" and ctypes.sizeof(ctypes.c_void_p) == 8
    return known and ctypes.sizeof(_Message) == 64 and hasattr(ctypes.CDLL(None), "recvmmsg")


class Datagrams:
    """Room for what one system call reads; the next one overwrites it."""

    def __init__(self) -> None:
        # A little more than is filled: a header that is cut short is read past its end.
        self.memory = bytearray(SLOTS * SLOT_BYTES + 64)
        """Datagram n lies at n * SLOT_BYTES."""
        self._names = bytearray(SLOTS * _NAME_BYTES)
        self._controls = bytearray(SLOTS * _CONTROL_BYTES)
        self._vectors = (_Vector * SLOTS)()
        self._messages = (_Message * SLOTS)()
        places = [_address(each) for each in (self.memory, self._names, self._controls)]
        for number, (vector, message) in enumerate(zip(self._vectors, self._messages, strict=True)):
            vector.base = places[0] + number * SLOT_BYTES
            vector.length = SLOT_BYTES
            message.name = places[1] + number * _NAME_BYTES
            message.name_length = _NAME_BYTES
            message.vectors = ctypes.addressof(vector)
            message.vector_count = 1
            message.control = places[2] + number * _CONTROL_BYTES
            message.control_length = _CONTROL_BYTES
        self._fresh = bytes(self._messages)
        self._headers = memoryview(self._messages).cast("B")
        self._integers = self._headers.cast("I")
        self._sizes = self._headers.cast("Q")
        self._times = memoryview(self._controls).cast("q")
        self._receive = ctypes.CDLL(None, use_errno=True).recvmmsg
        self._receive.argtypes = (
            ctypes.c_int,
            ctypes.c_void_p,
            ctypes.c_uint,
            ctypes.c_int,
            ctypes.c_void_p,
        )
        self._place = ctypes.addressof(self._messages)

    @staticmethod
    def stamp(sock: socket.socket) -> None:
        """Have the kernel note when each datagram comes."""
        sock.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)

    def read(self, descriptor: int) -> int:
        """Read what waits, at most SLOTS; returns how many, 0 for none. Raises OSError."""
        count: int = self._receive(descriptor, self._place, SLOTS, socket.MSG_DONTWAIT, None)
        if count < 0:
            code = ctypes.get_errno()
            if code in (errno.EAGAIN, errno.EINTR):
                return 0
            raise OSError(code, os.strerror(code))
        return count

    def clear(self, count: int) -> None:
        """Make the first `count` places ready for the next reading: after all were looked at."""
        size = count * ctypes.sizeof(_Message)
        self._headers[:size] = self._fresh[:size]

    def arrivals(self, count: int) -> list[tuple[int, int, float]]:
        """Where each datagram begins, how long it is, and when it came (Unix seconds)."""
        now = time.time()
        integers, sizes, times = self._integers, self._sizes, self._times
        return [
            (
                number * SLOT_BYTES,
                integers[16 * number + 14],
                # Of those that came before stamp() the kernel knows no time.
                times[4 * number + 2] + times[4 * number + 3] * 1e-9
                if sizes[8 * number + 5] == _CONTROL_BYTES
                else now,
            )
            for number in range(count)
        ]

    def sender(self, number: int) -> tuple[str, int]:
        at = number * _NAME_BYTES
        family = int.from_bytes(self._names[at : at + 2], sys.byteorder)
        if family == socket.AF_INET:
            port, host = _IPV4.unpack_from(self._names, at)
        else:
            port, host = _IPV6.unpack_from(self._names, at)
        return socket.inet_ntop(family, host), port


def _address(memory: bytearray) -> int:
    return ctypes.addressof((ctypes.c_char * len(memory)).from_buffer(memory))
