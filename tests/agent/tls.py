#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""TLS and mutual TLS of the API: who is refused, and that the reason is told."""

import os
import signal
import socket
import ssl
import subprocess
import sys
import time

sys.dont_write_bytecode = True
from agent import PROGRAM, Tap, equal
from https import Api, free_port
from pki import CDP, CLIENT, LEAF, SERVER, Ca, openssl

api = Api(client_cert="required")
tap = Tap("K6")


def attempt(certificate, version=None):
	"""What a client with this certificate gets: a status, or None if TLS refused it."""
	try:
		connection = api.connect(certificate, version)
		return api.ask("GET", "/v1/agent", token=None, connection=connection).status
	except (ssl.SSLError, ConnectionError, OSError):
		return None


def refuses_once(reason, certificate, version):
	"""Whether the log tells it; its lines are rationed."""
	before, log = api.refused(), len(api.agent.said())
	equal(attempt(certificate, version), None)
	deadline = time.monotonic() + 20
	while True:
		after = api.refused()
		changed = {r: after[r] - before[r] for r in after if after[r] != before[r]}
		if changed or time.monotonic() > deadline:
			break
		time.sleep(0.05)
	equal(changed, {reason: 1})
	return "reason=" + reason in api.agent.said()[log:]


def refuses(reason, certificate, version=None):
	for _ in range(20):
		if refuses_once(reason, certificate, version):
			return
		time.sleep(1)
	raise AssertionError("the log does not tell " + reason)


def test_good():
	"""K6: a certificate with clientAuth, distribution points and valid lists is let in, by TLS 1.2 and 1.3"""
	equal(attempt(api.admin), 200)
	equal(attempt(api.admin, ssl.TLSVersion.TLSv1_2), 200)
	equal(attempt(api.admin, ssl.TLSVersion.TLSv1_3), 200)


def test_none():
	"""K6: no certificate is refused, cert-none"""
	refuses("cert-none", None)
	refuses("cert-none", None, ssl.TLSVersion.TLSv1_2)


def test_untrusted():
	"""K6: the certificate of another authority, also of one with our name, is refused, cert-untrusted"""
	refuses("cert-untrusted", Ca(api.folder, "other").issue("admin", LEAF, CLIENT, CDP))
	os.makedirs(api.folder + "/again")
	refuses("cert-untrusted", Ca(api.folder + "/again", "root").issue("admin", LEAF, CLIENT, CDP))


def test_eku():
	"""K6: serverAuth alone, or no extended key usage at all, is refused, cert-eku"""
	refuses("cert-eku", api.middle.issue("admin", LEAF, SERVER, CDP, file="eku-server"))
	refuses("cert-eku", api.middle.issue("admin", LEAF, CDP, file="eku-none"))
	refuses("cert-eku", api.middle.issue("admin", LEAF, CDP, file="eku-any",
		*["extendedKeyUsage = anyExtendedKeyUsage"]))


def test_no_cdp():
	"""K6: a certificate without CRL distribution point, the leaf's or one between, is refused, cert-no-cdp"""
	refuses("cert-no-cdp", api.middle.issue("admin", LEAF, CLIENT, file="no-cdp"))
	refuses("cert-no-cdp", api.middle.issue("admin", LEAF, CLIENT, file="relative-cdp",
		*["crlDistributionPoints = dirName:point\n[point]\nCN = somewhere"]))
	blind = Ca(api.folder, "blind", api.root, extensions="")
	blind.publish(api.lists)
	refuses("cert-no-cdp", blind.issue("admin", LEAF, CLIENT, CDP))


def test_dates():
	"""K6: a certificate that has expired, or is not valid yet, is refused, cert-expired"""
	refuses("cert-expired", api.middle.issue("admin", LEAF, CLIENT, CDP, file="old",
		start="20200101000000Z", end="20210101000000Z"))
	refuses("cert-expired", api.middle.issue("admin", LEAF, CLIENT, CDP, file="young",
		start="20900101000000Z", end="20910101000000Z"))


def test_revoked():
	"""K6: a certificate revoked since is refused at its next handshake, cert-revoked; others are not"""
	mallory = api.middle.issue("admin", LEAF, CLIENT, CDP, file="mallory")
	equal(attempt(mallory), 200)
	api.middle.revoke(mallory[0])
	equal(attempt(mallory), 200)	# nobody knows it yet
	api.middle.publish(api.lists)
	refuses("cert-revoked", mallory)
	refuses("cert-revoked", mallory, ssl.TLSVersion.TLSv1_2)
	equal(attempt(api.admin), 200)


def test_revoked_issuer():
	"""K6: a certificate whose authority was revoked is refused, cert-revoked"""
	gone = Ca(api.folder, "gone", api.root)
	gone.publish(api.lists)
	client = gone.issue("admin", LEAF, CLIENT, CDP)
	equal(attempt(client), 200)
	api.root.revoke(gone.cert)
	api.root.publish(api.lists)
	refuses("cert-revoked", client)


def test_no_list():
	"""K6: no list of an authority in the cache, the leaf's or the root's, is refused, crl-missing"""
	unlisted = Ca(api.folder, "unlisted", api.root)
	refuses("crl-missing", unlisted.issue("admin", LEAF, CLIENT, CDP))
	path = os.path.join(api.lists, api.root.list_name())
	os.rename(path, path + ".away")
	refuses("crl-missing", api.admin)
	with open(path, "w") as f:
		f.write("not a list at all\n")
	refuses("crl-missing", api.admin)
	os.rename(path + ".away", path)
	equal(attempt(api.admin), 200)


def test_old_list():
	"""K6: a list that has expired refuses, crl-expired, until a new one is there"""
	api.middle.publish(api.lists, "-crl_lastupdate", "20200101000000Z", "-crl_nextupdate",
		"20200201000000Z")
	refuses("crl-expired", api.admin)
	api.middle.publish(api.lists, "-crl_lastupdate", "20900101000000Z", "-crl_nextupdate",
		"20900201000000Z")
	refuses("crl-invalid", api.admin)
	api.middle.publish(api.lists)
	equal(attempt(api.admin), 200)


def test_forged_list():
	"""K6: a list that another key signed under the authority's name refuses, crl-invalid"""
	os.makedirs(api.folder + "/forger")
	forger = Ca(api.folder + "/forger", "middle")
	name = api.middle.list_name()
	equal(forger.list_name(), name)
	forger.publish(api.lists)
	refuses("crl-invalid", api.admin)
	api.middle.publish(api.lists)
	equal(attempt(api.admin), 200)


def test_second_list():
	"""K6: of several lists of one authority the good one counts, in DER too"""
	path = api.middle.publish(api.lists, "-crl_lastupdate", "20200101000000Z",
		"-crl_nextupdate", "20200201000000Z")
	second = api.middle.publish(api.lists, name=api.middle.list_name()[:-1] + "1")
	equal(attempt(api.admin), 200)
	subprocess.run(["openssl", "crl", "-in", second, "-outform", "DER", "-out", path + ".der"],
		check=True)
	os.rename(path + ".der", second)
	equal(attempt(api.admin), 200)
	os.unlink(second)
	refuses("crl-expired", api.admin)
	api.middle.publish(api.lists)


def test_strangers():
	"""K6: a good certificate with a name that nobody listed does nothing: 403, and the name is logged"""
	stranger = api.middle.issue("stranger", LEAF, CLIENT, CDP)
	answer = api.ask("GET", "/v1/agent", token=None, connection=api.connect(stranger))
	equal((answer.status, answer.reason), (403, "forbidden"))
	assert "certificate stranger is not among api-client" in api.agent.said()


def test_scopes():
	"""K6: a certificate's scopes bind it: read sees, and changes nothing"""
	watcher = api.middle.issue("watcher", LEAF, CLIENT, CDP)
	c = api.connect(watcher)
	equal(api.ask("GET", "/v1/calls", token=None, connection=c).status, 200)
	for verb, path in (("DELETE", "/v1/calls/x"), ("POST", "/v1/drain")):
		answer = api.ask(verb, path, token=None, connection=c)
		equal((answer.status, answer.reason), (403, "forbidden"))
	c.close()


def test_resumption():
	"""K6: there is no session to resume: who comes again is checked again"""
	for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
		context = api.context(api.admin, version)
		session = None
		for _ in range(2):
			with socket.create_connection(("127.0.0.1", api.port), 20) as raw:
				with context.wrap_socket(raw, server_hostname="127.0.0.1",
						session=session) as s:
					s.sendall(b"GET /v1/health HTTP/1.1\r\nHost: x\r\n\r\n")
					assert s.recv(100).startswith(b"HTTP/1.1 200")
					assert not s.session_reused
					assert not s.session or not s.session.has_ticket
					session = s.session
			if session and not session.id:
				session = None


def test_versions():
	"""K6: TLS 1.1, ciphers without forward secrecy or AEAD, and plain HTTP are refused, protocol"""
	for options in (("-tls1_1", "-cipher", "ALL:@SECLEVEL=0"),
			("-tls1_2", "-cipher", "AES128-GCM-SHA256"),
			("-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA256")):
		before = api.refused()["protocol"]
		done = subprocess.run(["openssl", "s_client", "-connect", "127.0.0.1:%d" % api.port,
			*options], input=b"", capture_output=True, timeout=60)
		assert done.returncode != 0, options
		equal(api.refused()["protocol"], before + 1)
	before = api.refused()["protocol"]
	with socket.create_connection(("127.0.0.1", api.port), 20) as s:
		s.sendall(b"GET /v1/health HTTP/1.1\r\nHost: x\r\n\r\n")
		try:
			assert not s.recv(1000).startswith(b"HTTP")
		except ConnectionError:
			pass
	equal(api.refused()["protocol"], before + 1)


def start_fails(words, *lines):
	"""An agent with these settings does not start, and says why."""
	path = os.path.join(api.folder, "wrong.conf")
	with open(path, "w") as f:
		f.write("interface = a 127.0.0.1\napi = 127.0.0.1:%d\n" % free_port())
		f.write("".join(line + "\n" for line in lines))
	done = subprocess.run([PROGRAM, "-c", path, "-s", api.folder + "/wrong.sock"], timeout=60,
		capture_output=True, text=True, env=dict(os.environ, ASAN_OPTIONS="detect_leaks=0"))
	assert done.returncode in (1, 2) and words in done.stderr, done.stderr


def test_own():
	"""K6: our own certificate is checked at the start: serverAuth, its key, its time"""
	tokens = "api-tokens = %s/tokens" % api.folder
	for words, cert in (("serverAuth", api.root.issue("own", LEAF, CLIENT, file="own-client")),
			("serverAuth", api.root.issue("own", LEAF, file="own-none")),
			("has expired", api.root.issue("own", LEAF, SERVER, file="own-old",
				start="20200101000000Z", end="20210101000000Z")),
			("key values mismatch", (api.server[0], api.admin[1]))):
		start_fails(words, tokens, "api-cert = %s" % cert[0], "api-key = %s" % cert[1])
	start_fails("api-cert or api-key is missing", tokens)
	start_fails("nobody could use it", "api-cert = %s" % api.server[0],
		"api-key = %s" % api.server[1])
	start_fails("without api-crl-dir", "api-cert = %s" % api.server[0],
		"api-key = %s" % api.server[1], "api-client-ca = %s" % api.root.cert)


def handshakes(port, *options):
	done = subprocess.run(["openssl", "s_client", "-connect", "127.0.0.1:%d" % port, *options],
		input=b"", capture_output=True, timeout=60)
	return done.returncode == 0


def test_fips():
	"""K5: with fips-algorithms TLS takes approved algorithms and keys alone; without it others too"""
	fips = Api("fips-algorithms = yes\n")
	plain = Api()
	try:
		for options, approved in ((("-tls1_3", "-ciphersuites", "TLS_AES_256_GCM_SHA384"), True),
				(("-tls1_3", "-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256"), False),
				(("-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"), True),
				(("-tls1_2", "-cipher", "ECDHE-ECDSA-CHACHA20-POLY1305"), False),
				(("-groups", "P-384"), True), (("-groups", "X25519"), False)):
			equal((options, handshakes(plain.port, *options)), (options, True))
			equal((options, handshakes(fips.port, *options)), (options, approved))
	finally:
		fips.remove()
		plain.remove()
	base = os.path.join(api.folder, "edwards")
	openssl("genpkey", "-algorithm", "ed25519", "-out", base + ".key")
	openssl("req", "-x509", "-new", "-key", base + ".key", "-subj", "/CN=e", "-out", base + ".pem",
		"-addext", "extendedKeyUsage = serverAuth")
	start_fails("not for approved algorithms", "fips-algorithms = yes",
		"api-tokens = %s/tokens" % api.folder, "api-cert = %s.pem" % base,
		"api-key = %s.key" % base)


def test_reload():
	"""K6: SIGHUP reads certificates anew for new connections; a wrong one leaves the old"""
	old = api.connect(api.admin)
	was = old.sock.getpeercert(True)
	cert, key = api.root.issue("server", LEAF, SERVER, "subjectAltName = IP:127.0.0.1", file="new")
	for source, wanted in ((b"rubbish", was), (open(cert, "rb").read(), None)):
		log = len(api.agent.said())
		with open(api.server[0], "wb") as f:
			f.write(source)
		if wanted is None:
			os.replace(key, api.server[1])
		api.agent.process.send_signal(signal.SIGHUP)
		deadline = time.monotonic() + 20
		while "reload: " not in api.agent.said()[log:] and time.monotonic() < deadline:
			time.sleep(0.02)
		now = api.connect(api.admin).sock.getpeercert(True)
		assert (now == was) == (wanted is not None), api.agent.said()[log:]
	equal(api.ask("GET", "/v1/agent", token=None, connection=old).status, 200)
	old.close()


for test in (test_good, test_none, test_untrusted, test_eku, test_no_cdp, test_dates, test_revoked,
		test_revoked_issuer, test_no_list, test_old_list, test_forged_list, test_second_list,
		test_strangers, test_scopes, test_resumption, test_versions, test_own, test_reload):
	tap.run(test)
tap.run(test_fips, "K5")
try:
	api.remove()
except AssertionError as e:
	print("Bail out! %s" % e)
	sys.exit(1)
sys.exit(tap.end())
