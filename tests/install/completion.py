#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""bash completion: source it, and ask for COMPREPLY. An agent that answers from a script
has the calls."""

import json
import os
import re
import shutil
import socket
import sys
import tempfile
import threading

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
from tap import TREE, done, result, run  # noqa: E402

CTL = os.path.join(TREE, "build", "ksrtpctl")
ASK = """
source "$1"; shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
_ksrtpctl
printf '%s\\n' "${COMPREPLY[@]}"
"""


def complete(*words, path=None):
	env = dict(os.environ, LC_ALL="C.UTF-8")
	status, out = run("bash", "-uc", ASK, "bash", os.path.join(TREE, "userspace/completion/ksrtpctl"),
			  path or CTL, *words, env=env)
	return (["status %d" % status] if status else []) + [w for w in out.split("\n") if w]


def serve(server):
	while True:
		try:
			conn, _ = server.accept()
		except OSError:
			return
		with conn:
			request = json.loads(conn.makefile().readline())
			calls = [{"call": c, "state": "offered", "media": []} for c in ("red-1", "red-2", "blue")]
			answer = {"id": request["id"], "result": {"calls": calls}}
			conn.sendall(json.dumps(answer).encode() + b"\n")


def main():
	folder = tempfile.mkdtemp(prefix="ksrtp-completion-")
	agent = os.path.join(folder, "agent.sock")
	server = socket.socket(socket.AF_UNIX)
	server.bind(agent)
	server.listen(8)
	threading.Thread(target=serve, args=(server,), daemon=True).start()

	_, text = run(CTL, "help")
	lines = re.findall(r"^  ksrtpctl (\S+) ?(\S*)", text.split("Commands:")[1], re.M)
	wrong = []
	objects = set(complete(""))
	wrong += ["objects lack " + o for o in sorted({o for o, _ in lines} - objects)]
	wrong += ["no object: " + o for o in sorted(objects - {o for o, _ in lines} - {"help"})]
	for name in sorted(objects - {"help"}):
		verbs = {v for o, v in lines if o == name and re.fullmatch("[a-z-]+", v)}
		if verbs and set(complete(name, "")) != verbs:
			wrong.append("%s: %s, not %s" % (name, complete(name, ""), sorted(verbs)))
	wrong += [] if complete("ca") == ["call"] else ["ca: %s" % complete("ca")]
	wrong += [] if "--json" in complete("--") else ["--: %s" % complete("--")]
	result(wrong, "objects and commands, all of the help and no other", "O2,O4")

	wrong = []
	for words, want in (
		(("call", "offer", "c", "--to-"), {"--to-interface", "--to-family", "--to-protocol", "--to-suites"}),
		(("call", "offer", "c", "--to-family", ""), {"4", "6"}),
		(("call", "offer", "c", "--to-suites", "aead"), {"aead-aes-128-gcm", "aead-aes-256-gcm"}),
		(("call", "offer", "c", "--to-suites", "aead-aes-128-gcm,aead-aes-2"),
		 {"aead-aes-128-gcm,aead-aes-256-gcm"}),
		(("xdp", "attach", "l"), {"lo"}),
		(("xdp", "attach", "lo", "n"), {"native"}),
		(("-j", "xdp", "detach", "l"), {"lo"}),
		(("doctor", "l"), {"lo"}), (("doctor", "lo", "l"), {"lo"}),
		(("policy", "new", "p", "--e"), {"--e2ee"}), (("drain", "--"), {"--wait", "--off"}),
	):
		got = set(complete(*words))
		if not want <= got or (len(words[-1]) > 0 and any(not g.startswith(words[-1]) for g in got)):
			wrong.append("%s: %s" % (words, got))
	got = complete("-s", folder + "/ag")
	wrong += [] if got == [agent] else ["a path: %s" % got]
	result(wrong, "options, values, devices and paths", "O4")

	wrong = []
	for words, want in ((("call", "show", ""), ["blue", "red-1", "red-2"]),
			    (("call", "del", "red"), ["red-1", "red-2"]),
			    (("leg", "show", "call", "b"), ["blue"])):
		got = sorted(complete("-s", agent, *words))
		wrong += [] if got == want else ["%s: %s" % (words, got)]
	got = complete("-s", folder + "/nobody", "call", "show", "")
	wrong += [] if got == [] else ["without an agent: %s" % got]
	result(wrong, "names of the calls that there are; none without an agent", "O4")

	wrong = []
	status, out = run("bash", "-c", 'source /usr/share/bash-completion/bash_completion; '
			  'XDG_DATA_DIRS="$1"; BASH_COMPLETION_USER_DIR=$1; cd /; '
			  '__load_completion ksrtpctl || _comp_load ksrtpctl; complete -p ksrtpctl', "bash",
			  folder)
	wrong += [] if status else ["complete before it is there: %s" % out]
	os.makedirs(folder + "/completions")
	shutil.copy(os.path.join(TREE, "userspace/completion/ksrtpctl"), folder + "/completions/ksrtpctl")
	status, out = run("bash", "-c", 'source /usr/share/bash-completion/bash_completion; '
			  'BASH_COMPLETION_USER_DIR=$1; __load_completion ksrtpctl 2>/dev/null || _comp_load ksrtpctl; '
			  'complete -p ksrtpctl', "bash", folder)
	wrong += [] if not status and "_ksrtpctl" in out else ["%d %s" % (status, out)]
	result(wrong, "bash-completion finds it by the name of the program", "O4")
	server.close()
	shutil.rmtree(folder)
	return done()


if __name__ == "__main__":
	sys.exit(main())
