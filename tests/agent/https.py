# SPDX-License-Identifier: GPL-2.0
"""An agent that serves HTTPS, with certificates made for it, and clients of it."""

import hashlib
import http.client
import json
import os
import shutil
import socket
import ssl
import tempfile

from agent import Agent
from pki import CDP, CLIENT, LEAF, SERVER, Ca

TOKENS = {
	"reader": ("read", "never"),
	"caller": ("read,calls", "2999-12-31T23:59:59Z"),
	"owner": ("all", "never"),
	"late": ("all", "2020-01-01T00:00:00Z"),
}


def free_port():
	with socket.socket() as s:
		s.bind(("127.0.0.1", 0))
		return s.getsockname()[1]


class Answer:
	def __init__(self, response):
		self.status, self.headers = response.status, response.headers
		self.text = response.read().decode()
		self.json = None
		if response.headers.get_content_type() == "application/json":
			self.json = json.loads(self.text)

	@property
	def reason(self):
		return self.json["error"]["reason"]


class Api:
	"""The agent, its authorities, a folder of revocation lists, and clients' certificates."""

	def __init__(self, more="", client_cert="optional", options=()):
		self.folder = tempfile.mkdtemp(prefix="ksrtpd-api.")
		self.root = Ca(self.folder, "root")
		self.middle = Ca(self.folder, "middle", self.root)
		self.lists = os.path.join(self.folder, "lists")
		os.mkdir(self.lists)
		self.root.publish(self.lists)
		self.middle.publish(self.lists)
		self.server = self.root.issue("server", LEAF, SERVER, "subjectAltName = IP:127.0.0.1")
		self.admin = self.middle.issue("admin", LEAF, CLIENT, CDP)
		self.write_tokens(TOKENS)
		self.port = free_port()
		self.config = os.path.join(self.folder, "ksrtpd.conf")
		with open(self.config, "w") as f:
			f.write("api = 127.0.0.1:%d\n" % self.port)
			f.write("api-cert = %s\napi-key = %s\n" % self.server)
			f.write("api-client-ca = %s\napi-crl-dir = %s\n" % (self.root.cert, self.lists))
			f.write("api-client-cert = %s\napi-client = admin all\n" % client_cert)
			f.write("api-client = watcher read\n")
			f.write("api-tokens = %s/tokens\n" % self.folder)
			f.write(more)
		self.agent = Agent("-c", self.config, "-i", "a=127.0.0.1,::1", "-i", "b=127.0.0.2",
			*options)

	def write_tokens(self, tokens):
		with open(os.path.join(self.folder, "tokens"), "w") as f:
			f.write("# who may do what\n")
			for name, (scopes, expiry) in tokens.items():
				f.write("%s %s %s %s\n" % (name, scopes, expiry,
					hashlib.sha256(("secret-" + name).encode()).hexdigest()))

	def context(self, certificate=None, version=None):
		context = ssl.create_default_context(cafile=self.root.cert)
		if certificate:
			context.load_cert_chain(*certificate)
		if version:
			context.minimum_version = version
			context.maximum_version = version
		return context

	def connect(self, certificate=None, version=None):
		connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=30,
			context=self.context(certificate, version))
		connection.connect()
		return connection

	def ask(self, verb, path, body=None, token="owner", connection=None, headers=None):
		"""One request, over a connection of its own unless one is given."""
		c = connection or self.connect()
		headers = dict(headers or {})
		if token:
			headers["Authorization"] = "Bearer secret-" + token
		if body is not None and not isinstance(body, (bytes, str)):
			body = json.dumps(body)
			headers.setdefault("Content-Type", "application/json")
		c.request(verb, path, body, headers)
		answer = Answer(c.getresponse())
		if not connection:
			c.close()
		return answer

	def refused(self):
		"""Handshakes refused so far, by reason."""
		prefix = 'ksrtpd_api_handshakes_refused_total{reason="'
		text = self.agent.client().ask("metrics")["text"]
		return {line[len(prefix):].split('"')[0]: int(line.split()[-1])
			for line in text.splitlines() if line.startswith(prefix)}

	def remove(self):
		self.agent.remove()
		shutil.rmtree(self.folder)
