/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Commands, one JSON object a line; each has an "id" and a "do". Answers carry
 * the id and "ok": true, or "error". Those of connect and send come when the
 * work is done, and meanwhile other commands are answered: while something is
 * sent, a new offer or answer as well.
 *
 *	offer {secure}			-> sdp
 *	answer {sdp, setup}		-> sdp; setup: active (default) or passive
 *	accept {sdp}
 *	connect {ms}			DTLS on every line
 *	renew				as connect, but the answer does not wait for it, and media
 *					goes on with the keys that there are
 *	send {audio, video, audio_us, video_us, rtcp_every}
 *	stop				what is being sent: that is all of it
 *	replay, forge {kind, count, gap_us, stray}
 *	phase {name}			what comes in from now on counts under it
 *	counts, result
 *	hear {path}			the audio that came in, as a WAV file
 *	quit
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "endpoint.h"

static void reply(int id, json_t *body, const char *error)
{
	if (!body)
		body = json_object();
	json_object_set_new(body, "id", json_integer(id));
	if (error)
		json_object_set_new(body, "error", json_string(error));
	else
		json_object_set_new(body, "ok", json_true());
	if (json_dumpf(body, stdout, JSON_COMPACT) || fputc('\n', stdout) == EOF || fflush(stdout))
		die("cannot answer");
	json_decref(body);
}

void control_done(struct endpoint *ep, const char *failure)
{
	int id = ep->job_id;

	ep->job_id = -1;
	ep->job = JOB_NONE;
	reply(id, NULL, failure);
}

static uint64_t number(const json_t *command, const char *name, uint64_t otherwise)
{
	const json_t *value = json_object_get(command, name);

	return json_is_integer(value) ? (uint64_t)json_integer_value(value) : otherwise;
}

static const char *text(const json_t *command, const char *name)
{
	const char *value = json_string_value(json_object_get(command, name));

	return value ? value : "";
}

static struct line *line_of(struct endpoint *ep, const json_t *command)
{
	return &ep->lines[!strcmp(text(command, "kind"), "video") ? KIND_VIDEO : KIND_AUDIO];
}

static void do_offer(struct endpoint *ep, int id, const json_t *command)
{
	bool secure = json_is_true(json_object_get(command, "secure"));
	char *sdp = sdp_write(ep, secure, "actpass");
	int i;

	ep->offerer = true;
	for (i = 0; i < LINES; i++)
		ep->lines[i].secure = secure;
	reply(id, json_pack("{s:s}", "sdp", sdp), NULL);
	free(sdp);
}

static void do_answer(struct endpoint *ep, int id, const json_t *command)
{
	char setup[16] = "active", *sdp;
	const char *wrong;

	if (!strcmp(text(command, "setup"), "passive"))
		strcpy(setup, "passive");
	wrong = sdp_read(ep, text(command, "sdp"), true, setup);
	if (wrong) {
		reply(id, NULL, wrong);
		return;
	}
	sdp = sdp_write(ep, ep->lines[0].secure, setup);
	reply(id, json_pack("{s:s}", "sdp", sdp), NULL);
	free(sdp);
}

static void start_dtls(struct endpoint *ep)
{
	int i;

	for (i = 0; i < LINES; i++)
		if (ep->lines[i].secure)
			dtls_start(ep, &ep->lines[i]);
}

static void do_connect(struct endpoint *ep, int id, const json_t *command)
{
	start_dtls(ep);
	ep->job = JOB_CONNECT;
	ep->job_id = id;
	ep->job_deadline = now_ns() + number(command, "ms", 30000) * 1000000;
}

static void do_send(struct endpoint *ep, int id, const json_t *command)
{
	static const char *const counts[] = { "audio", "video" };
	static const char *const gaps[] = { "audio_us", "video_us" };
	int i;

	for (i = 0; i < LINES; i++) {
		struct task *task = &ep->tasks[i];

		memset(task, 0, sizeof(*task));
		task->left = (uint32_t)number(command, counts[ep->lines[i].kind], 0);
		task->work = task->left ? WORK_MEDIA : WORK_NONE;
		task->gap_ns = number(command, gaps[ep->lines[i].kind], 20000) * 1000;
		task->rtcp_every = (uint32_t)number(command, "rtcp_every", 100);
		task->due = now_ns();
	}
	ep->job = JOB_SEND;
	ep->job_id = id;
}

static void do_stop(struct endpoint *ep, int id)
{
	int i;

	for (i = 0; i < LINES; i++)
		ep->tasks[i].work = WORK_NONE;
	reply(id, NULL, NULL);
}

static void do_attack(struct endpoint *ep, int id, const json_t *command, enum work work)
{
	struct line *line = line_of(ep, command);
	struct task *task = &ep->tasks[line - ep->lines];

	memset(ep->tasks, 0, sizeof(ep->tasks));
	task->left = (uint32_t)number(command, "count", 0);
	task->work = task->left ? work : WORK_NONE;
	task->gap_ns = number(command, "gap_us", 1000) * 1000;
	task->stray = json_is_true(json_object_get(command, "stray"));
	task->due = now_ns();
	ep->job = JOB_SEND;
	ep->job_id = id;
}

static void do_phase(struct endpoint *ep, int id, const json_t *command)
{
	int i;

	if (ep->phase + 1 == PHASES) {
		reply(id, NULL, "too many phases");
		return;
	}
	ep->phase++;
	for (i = 0; i < LINES; i++)
		snprintf(ep->lines[i].phases[ep->phase].name,
			 sizeof(ep->lines[i].phases[0].name), "%s", text(command, "name"));
	reply(id, NULL, NULL);
}

static void do_hear(struct endpoint *ep, int id, const json_t *command)
{
	struct line *line = &ep->lines[KIND_AUDIO];

	json_decref(result_whole(ep));	/* sorts */
	if (!line->in.rtp.count) {
		reply(id, NULL, "no audio came in");
		return;
	}
	speech_write(text(command, "path"), &line->in.rtp, line->in.rtp.at[0].ssrc);
	reply(id, NULL, NULL);
}

static void run(struct endpoint *ep, const json_t *command)
{
	int id = (int)number(command, "id", 0);
	const char *what = text(command, "do");
	bool sending = ep->job == JOB_SEND;
	bool busy = ep->job != JOB_NONE;

	if (!strcmp(what, "counts")) {
		reply(id, result_counts(ep), NULL);
	} else if (!strcmp(what, "phase")) {
		do_phase(ep, id, command);
	} else if (!strcmp(what, "quit")) {
		ep->quit = true;
		reply(id, NULL, NULL);
	} else if (busy && !sending) {
		reply(id, NULL, "busy");
	} else if (!strcmp(what, "stop")) {
		do_stop(ep, id);
	} else if (!strcmp(what, "offer")) {
		do_offer(ep, id, command);
	} else if (!strcmp(what, "answer")) {
		do_answer(ep, id, command);
	} else if (!strcmp(what, "accept")) {
		char unused[16] = "";

		reply(id, NULL, sdp_read(ep, text(command, "sdp"), false, unused));
	} else if (!strcmp(what, "renew")) {
		start_dtls(ep);
		reply(id, NULL, NULL);
	} else if (sending) {
		reply(id, NULL, "busy");
	} else if (!strcmp(what, "connect")) {
		do_connect(ep, id, command);
	} else if (!strcmp(what, "send")) {
		do_send(ep, id, command);
	} else if (!strcmp(what, "replay")) {
		do_attack(ep, id, command, WORK_REPLAY);
	} else if (!strcmp(what, "forge")) {
		do_attack(ep, id, command, WORK_FORGE);
	} else if (!strcmp(what, "result")) {
		reply(id, result_whole(ep), NULL);
	} else if (!strcmp(what, "hear")) {
		do_hear(ep, id, command);
	} else {
		reply(id, NULL, "unknown command");
	}
}

void control_input(struct endpoint *ep)
{
	static char buffer[1 << 18];
	static size_t have;
	ssize_t got = read(STDIN_FILENO, buffer + have, sizeof(buffer) - 1 - have);
	char *end;

	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (got <= 0) {
		ep->quit = true;	/* nobody is left to answer to */
		return;
	}
	have += (size_t)got;
	while ((end = memchr(buffer, '\n', have))) {
		size_t len = (size_t)(end - buffer);
		json_error_t error;
		json_t *command = json_loadb(buffer, len, 0, &error);

		if (!json_is_object(command))
			die("a command that is no JSON object: %s", error.text);
		run(ep, command);
		json_decref(command);
		have -= len + 1;
		memmove(buffer, end + 1, have);
	}
	if (have == sizeof(buffer) - 1)
		die("a command is too long");
}
