# SPDX-License-Identifier: GPL-2.0
"""Chromium in a network namespace of its own, driven by chromedriver (W3C WebDriver)."""

import http.client
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time

from netns import Connection, argv

PORT = 9515
FLAGS = (
	"--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
	"--disable-background-networking", "--disable-component-update", "--disable-sync",
	"--disable-default-apps", "--disable-extensions", "--disable-domain-reliability",
	"--disable-breakpad", "--disable-dev-shm-usage", "--mute-audio",
	# A page that nobody looks at must not be throttled.
	"--disable-background-timer-throttling", "--disable-renderer-backgrounding",
	"--disable-backgrounding-occluded-windows",
	"--autoplay-policy=no-user-gesture-required",
	"--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
	"--disable-features=WebRtcHideLocalIpsWithMdns,MediaRouter,OptimizationHints,Translate",
)


class BrowserError(Exception):
	"""What the browser or its driver answered instead of a result."""


class Browser:
	def __init__(self, ns, log):
		self.ns, self.log = ns, log
		self.session = self.process = None
		self.folder = tempfile.mkdtemp(prefix="ksrtp-chromium-")
		try:
			self._start()
		except BaseException:
			self.close()
			raise

	def _start(self):
		environment = {"PATH": os.environ["PATH"], "HOME": self.folder, "LANG": "C.UTF-8",
			"XDG_RUNTIME_DIR": self.folder, "TMPDIR": self.folder}
		with open(self.log, "ab") as log:
			self.process = subprocess.Popen(argv(self.ns) +
				["chromedriver", "--port=%d" % PORT], stdin=subprocess.DEVNULL,
				stdout=log, stderr=log, env=environment, start_new_session=True)
		self._wait_ready()
		answer = self._ask("POST", "/session", {"capabilities": {"alwaysMatch": {
			"browserName": "chrome", "timeouts": {"script": 60000, "pageLoad": 60000},
			"goog:chromeOptions": {"binary": shutil.which("chromium"), "args": list(FLAGS) +
				["--user-data-dir=" + os.path.join(self.folder, "profile")]}}}})
		self.session = answer["sessionId"]
		self.version = answer["capabilities"]["browserVersion"]

	def _wait_ready(self):
		deadline = time.monotonic() + 60
		while True:
			try:
				if self._ask("GET", "/status")["ready"]:
					return
			except (OSError, http.client.HTTPException):
				pass
			if self.process.poll() is not None or time.monotonic() > deadline:
				raise BrowserError("chromedriver does not start; see " + self.log)
			time.sleep(0.1)

	def _ask(self, verb, path, body=None):
		connection = Connection(self.ns, PORT, 120)
		try:
			connection.request(verb, path, None if body is None else json.dumps(body),
				{"Content-Type": "application/json"})
			value = json.loads(connection.getresponse().read())["value"]
		finally:
			connection.close()
		if isinstance(value, dict) and "error" in value:
			raise BrowserError("%s: %s" % (value["error"], value["message"].split("\n")[0]))
		return value

	def open(self, url):
		self._ask("POST", "/session/%s/url" % self.session, {"url": url})

	def run(self, function, *arguments):
		"""Call a function of the page; a promise is waited for."""
		return self._ask("POST", "/session/%s/execute/sync" % self.session,
			{"script": "return %s(...arguments)" % function, "args": list(arguments)})

	def close(self):
		if self.session:
			try:
				self._ask("DELETE", "/session/" + self.session)
			except (OSError, http.client.HTTPException, BrowserError):
				pass
			self.session = None
		if self.process:
			# Its process group has the browser's processes too.
			try:
				os.killpg(self.process.pid, signal.SIGKILL)
			except ProcessLookupError:
				pass
			self.process.wait()
			self.process = None
		shutil.rmtree(self.folder, ignore_errors=True)
