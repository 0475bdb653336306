# SPDX-License-Identifier: GPL-2.0
"""Sockets in other network namespaces than this process's own."""

import contextlib
import ctypes
import http.client
import os
import socket

CLONE_NEWNET = 0x40000000
libc = ctypes.CDLL(None, use_errno=True)


def _enter(fd):
	if libc.setns(fd, CLONE_NEWNET):
		raise OSError(ctypes.get_errno(), "setns")


@contextlib.contextmanager
def inside(ns):
	"""This thread in the namespace; a socket made there stays there."""
	home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
	there = os.open("/run/netns/" + ns, os.O_RDONLY | os.O_CLOEXEC)
	try:
		_enter(there)
		try:
			yield
		finally:
			_enter(home)
	finally:
		os.close(there)
		os.close(home)


class Connection(http.client.HTTPConnection):
	"""HTTP to a port of a namespace's loopback."""

	def __init__(self, ns, port, timeout):
		super().__init__("127.0.0.1", port, timeout=timeout)
		self.ns = ns

	def connect(self):
		with inside(self.ns):
			super().connect()


def udp(ns, address, port):
	with inside(ns):
		s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	s.bind((address, port))
	return s


def argv(ns):
	"""What stands before a command that shall run there."""
	return ["nsenter", "--net=/run/netns/" + ns]
