# SPDX-License-Identifier: GPL-2.0
"""baresip in a network namespace: it plays a tone, and keeps what it hears."""

import glob
import json
import math
import os
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time
import wave

from netns import argv, inside

CONTROL = 4444
RATE = 8000
MODULES = "/usr/lib/baresip/modules"
CONFIG = """\
poll_method epoll
sip_listen {address}:5060
call_max_calls 2
audio_player aubridge,silent
audio_source aufile,{folder}/tone.wav
audio_alert aubridge,alert
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
rtp_ports 20000-20100
rtcp_mux {mux}
rtp_stats yes
module_path {modules}
module g711.so
module aufile.so
module aubridge.so
module sndfile.so
module srtp.so
module dtls_srtp.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
snd_path {folder}
ctrl_tcp_listen 127.0.0.1:4444
"""


def tone(path, frequency, seconds):
	with wave.open(path, "wb") as w:
		w.setparams((1, 2, RATE, 0, "NONE", ""))
		w.writeframes(b"".join(struct.pack("<h", int(12000 * math.sin(
			2 * math.pi * frequency * i / RATE))) for i in range(seconds * RATE)))


def power(samples, frequency):
	"""The part of the samples' power that is at a frequency (Goertzel), 0 to 1."""
	k = 2 * math.cos(2 * math.pi * frequency / RATE)
	a = b = total = 0.0
	for s in samples:
		a, b = s + k * a - b, a
		total += s * s
	return 2 * (a * a + b * b - k * a * b) / (len(samples) * total) if total else 0.0


class Baresip:
	def __init__(self, ns, address, user, frequency, keying, log, mux=True):
		self.ns, self.frequency, self.log = ns, frequency, log
		self.folder = tempfile.mkdtemp(prefix="ksrtp-baresip-")
		self.process = self.socket = None
		self.buffer, self.events, self.last = b"", [], 0
		try:
			tone(os.path.join(self.folder, "tone.wav"), frequency, 60)
			self._write("config", CONFIG.format(address=address, folder=self.folder,
				modules=MODULES, mux="yes" if mux else "no"))
			self._write("accounts", "<sip:%s@%s>;regint=0;mediaenc=%s;answermode=auto;"
				"audio_codecs=pcmu\n" % (user, address, keying))
			self._write("contacts", "")
			self._start()
		except BaseException:
			self.close()
			raise

	def _write(self, name, text):
		with open(os.path.join(self.folder, name), "w") as f:
			f.write(text)

	def _start(self):
		with open(self.log, "ab") as log:
			self.process = subprocess.Popen(argv(self.ns) + ["baresip", "-f", self.folder, "-v"],
				stdin=subprocess.DEVNULL, stdout=log, stderr=log)
		deadline = time.monotonic() + 30
		while not self.socket:
			try:
				with inside(self.ns):
					self.socket = socket.create_connection(("127.0.0.1", CONTROL), 5)
			except OSError:
				if self.process.poll() is not None or time.monotonic() > deadline:
					raise RuntimeError("baresip does not start; see " + self.log)
				time.sleep(0.1)

	def _read(self, deadline):
		"""One object of the control connection (a netstring each), None: too late."""
		while True:
			length, colon, rest = self.buffer.partition(b":")
			if colon and len(rest) > int(length):
				self.buffer = rest[int(length) + 1:]
				return json.loads(rest[:int(length)])
			self.socket.settimeout(max(0.01, deadline - time.monotonic()))
			try:
				data = self.socket.recv(65536)
			except TimeoutError:
				return None
			if not data:
				raise EOFError("baresip ended; see " + self.log)
			self.buffer += data

	def command(self, command, parameters=""):
		self.last += 1
		text = json.dumps({"command": command, "params": parameters, "token": str(self.last)})
		self.socket.sendall(b"%d:%s," % (len(text), text.encode()))
		deadline = time.monotonic() + 20
		while True:
			answer = self._read(deadline)
			if answer is None:
				raise TimeoutError("baresip does not answer '%s'" % command)
			if answer.get("event"):
				self.events.append(answer)
			elif answer.get("token") == str(self.last):
				return answer.get("data", "")

	def wait(self, kind, seconds=30):
		"""An event of a kind, such as CALL_ESTABLISHED."""
		deadline = time.monotonic() + seconds
		while True:
			for event in self.events:
				if event["type"] == kind:
					self.events.remove(event)
					return event
			event = self._read(deadline)
			if event is None:
				raise TimeoutError("baresip saw no %s but %s" % (kind,
					[(e["type"], e.get("param")) for e in self.events]))
			if event.get("event"):
				self.events.append(event)

	def heard(self):
		"""The samples that it decoded, of all calls so far."""
		samples = []
		for path in sorted(glob.glob(os.path.join(self.folder, "dump-*-dec.wav"))):
			with open(path, "rb") as f:
				data = f.read()[44:]
			samples += struct.unpack("<%dh" % (len(data) // 2), data[:len(data) // 2 * 2])
		return samples

	def said(self):
		with open(self.log, errors="replace") as f:
			return f.read()

	def close(self):
		if self.socket:
			self.socket.close()
			self.socket = None
		if self.process:
			self.process.send_signal(signal.SIGTERM)
			try:
				self.process.wait(10)
			except subprocess.TimeoutExpired:
				self.process.kill()
				self.process.wait()
			self.process = None
		shutil.rmtree(self.folder, ignore_errors=True)
