# SPDX-License-Identifier: GPL-2.0
"""Certificates and revocation lists for tests, by the openssl command."""

import os
import subprocess


def openssl(*words, data=None):
	done = subprocess.run(("openssl",) + words, input=data, capture_output=True)
	assert done.returncode == 0, "openssl %s:\n%s" % (" ".join(words), done.stderr.decode())
	return done.stdout


CONFIG = """
[ca]
default_ca = one
[one]
database = %(folder)s/index
new_certs_dir = %(folder)s
serial = %(folder)s/serial
crlnumber = %(folder)s/crlnumber
certificate = %(folder)s/cert.pem
private_key = %(folder)s/key.pem
default_md = sha256
default_days = 30
default_crl_days = 30
policy = any
unique_subject = no
x509_extensions = ext
[any]
commonName = supplied
[ext]
subjectKeyIdentifier = hash
%(extensions)s
"""

CDP = "crlDistributionPoints = URI:http://crl.example/list.crl"
CLIENT = "extendedKeyUsage = clientAuth"
SERVER = "extendedKeyUsage = serverAuth"
LEAF = "basicConstraints = critical, CA:false"
CA = "basicConstraints = critical, CA:true\nkeyUsage = critical, keyCertSign, cRLSign"


class Ca:
	"""A certificate authority in a folder of its own; of a root, or below another one."""

	def __init__(self, folder, name, parent=None, extensions=CDP):
		self.folder, self.name, self.parent = os.path.join(folder, name), name, parent
		os.makedirs(self.folder)
		for file, text in (("index", ""), ("serial", "1000\n"), ("crlnumber", "1000\n")):
			with open(os.path.join(self.folder, file), "w") as f:
				f.write(text)
		self.cert = os.path.join(self.folder, "cert.pem")
		self.key = os.path.join(self.folder, "key.pem")
		if parent:
			cert, self.key = parent.issue(name, CA, extensions)
			os.link(cert, self.cert)
			os.link(self.key, os.path.join(self.folder, "key.pem"))
		else:
			make_key(self.key)
			openssl("req", "-x509", "-new", "-key", self.key, "-subj", "/CN=" + name,
				"-days", "30", "-out", self.cert, "-addext",
				"keyUsage=critical,keyCertSign,cRLSign")

	def config(self, *extensions):
		path = os.path.join(self.folder, "config")
		with open(path, "w") as f:
			f.write(CONFIG % {"folder": self.folder, "extensions": "\n".join(extensions)})
		return path

	def issue(self, name, *extensions, file=None, start=None, end=None):
		"""Certificate (with those of the CAs between) and key of the subject CN=name."""
		base = os.path.join(self.folder, "issued-" + (file or name))
		key, request, cert = base + ".key", base + ".csr", base + ".pem"
		make_key(key)
		openssl("req", "-new", "-key", key, "-subj", "/CN=" + name, "-out", request)
		times = []
		if start:
			times = ["-startdate", start, "-enddate", end]
		openssl("ca", "-batch", "-notext", "-config", self.config(*extensions), "-in", request,
			"-out", cert, *times)
		if self.parent:
			with open(cert, "a") as out, open(self.cert) as chain:
				out.write(chain.read())
		return cert, key

	def revoke(self, cert):
		openssl("ca", "-config", self.config(), "-revoke", cert)

	def publish(self, cache, *options, name=None):
		"""Puts a fresh list into the folder of lists; gives its path there."""
		path = os.path.join(cache, name or self.list_name())
		openssl("ca", "-config", self.config(), "-gencrl", "-out", path + ".new", *options)
		os.rename(path + ".new", path)
		return path

	def list_name(self):
		return openssl("x509", "-in", self.cert, "-noout", "-subject_hash").decode().strip() + ".r0"


def make_key(path):
	openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", path)
