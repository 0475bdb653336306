# SPDX-License-Identifier: GPL-2.0
"""The part of YAML that our specifications use, so that the tests need no package: block
mappings and lists, [ flow lists ], >- text, anchors and aliases, plain scalars, and "quoted"
ones without escapes."""

import re


KEY = r"""([\w${}/.-]+|"[^"\\]*"):(?: (.*))?$"""


class YamlError(Exception):
	pass


class Lines:
	def __init__(self, text):
		self.lines = []
		for number, raw in enumerate(text.split("\n"), 1):
			if "\t" in raw:
				raise YamlError("line %d: a tab" % number)
			body = re.sub(r"(^|\s)#.*$", "", raw).rstrip()
			self.lines.append((number, len(body) - len(body.lstrip()), body.strip(), raw))
		self.at = 0
		self.anchors = {}

	def peek(self):
		while self.at < len(self.lines) and not self.lines[self.at][2]:
			self.at += 1
		return self.lines[self.at] if self.at < len(self.lines) else None

	def fold(self, indent):
		"""The text of a '>-' block."""
		words = []
		while self.at < len(self.lines):
			_, depth, _, raw = self.lines[self.at]
			if raw.strip() and len(raw) - len(raw.lstrip()) <= indent:
				break
			words += raw.split()
			self.at += 1
		return " ".join(words)


def scalar(text, number):
	if text.startswith("["):
		if not text.endswith("]"):
			raise YamlError("line %d: a flow list over several lines" % number)
		return [scalar(t.strip(), number) for t in text[1:-1].split(",") if t.strip()]
	if re.fullmatch(r'"[^"\\]*"', text):
		return text[1:-1]
	if text[:1] in "\"'{|%@`":
		raise YamlError("line %d: '%s' is more YAML than this reads" % (number, text[:1]))
	if re.fullmatch(r"-?\d+|0x[0-9a-fA-F]+", text):
		return int(text, 0)
	if text in ("true", "false"):
		return text == "true"
	if ": " in text:
		raise YamlError("line %d: ': ' inside a plain scalar" % number)
	return text


def value(lines, text, indent, number):
	"""What stands behind 'key:' or '-'."""
	anchor = None
	if text.startswith("*"):
		if text[1:] not in lines.anchors:
			raise YamlError("line %d: unknown alias %s" % (number, text))
		return lines.anchors[text[1:]]
	if text.startswith("&"):
		anchor, _, text = text[1:].partition(" ")
	if text in (">-", ">"):
		result = lines.fold(indent)
	elif text:
		result = scalar(text, number)
	else:
		result = block(lines, indent)
	if anchor:
		lines.anchors[anchor] = result
	return result


def block(lines, parent):
	line = lines.peek()
	if not line or line[1] <= parent:
		raise YamlError("line %d: a value is missing" % (line[0] if line else 0))
	return sequence(lines, line[1]) if line[2][0] == "-" else mapping(lines, line[1])


def sequence(lines, indent):
	items = []
	while (line := lines.peek()) and line[1] == indent:
		if not re.match(r"-( |$)", line[2]):
			raise YamlError("line %d: no '-' in a list" % line[0])
		rest = line[2][1:].strip()
		if re.match(KEY, rest):	# a mapping that begins behind the dash
			lines.lines[lines.at] = (line[0], indent + 2, rest, line[3])
			items.append(mapping(lines, indent + 2))
			continue
		lines.at += 1
		items.append(value(lines, rest, indent, line[0]))
	return items


def mapping(lines, indent):
	result = {}
	while (line := lines.peek()) and line[1] == indent:
		m = re.match(KEY, line[2])
		if not m:
			raise YamlError("line %d: no 'key:'" % line[0])
		key = m.group(1).strip('"')
		if key in result:
			raise YamlError("line %d: '%s' twice" % (line[0], key))
		lines.at += 1
		result[key] = value(lines, (m.group(2) or "").strip(), indent, line[0])
	line = lines.peek()
	if line and line[1] > indent:
		raise YamlError("line %d: unexpected indent" % line[0])
	return result


def load(text):
	lines = Lines(text)
	result = block(lines, -1)
	if lines.peek():
		raise YamlError("line %d: behind the end" % lines.peek()[0])
	return result
