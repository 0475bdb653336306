/* SPDX-License-Identifier: GPL-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "endpoint.h"

static const char usage[] =
	"usage: endpoint -n NAME -a ADDRESS [-p PROFILES] [-w FOLDER] [-f FIRST] [-s SEED] [-v SEQ]\n"
	"	-n NAME		of this endpoint, in SDP and certificates\n"
	"	-a ADDRESS	IPv4 or IPv6 address to send from\n"
	"	-p PROFILES	SRTP profiles in OpenSSL's words and order\n"
	"	-w FOLDER	with WAV files of speech (/usr/share/sounds/alsa)\n"
	"	-f FIRST	which of them to begin with (0)\n"
	"	-s SEED		of the video payload (1)\n"
	"	-v SEQ		video's first sequence number (64036)\n"
	"Commands on stdin: see control.c\n";

static struct endpoint endpoint;

uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

void die(const char *format, ...)
{
	va_list args;

	fprintf(stderr, "endpoint %s: ", endpoint.name ? endpoint.name : "");
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

static void address_set(struct sockaddr_storage *address, const char *text)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)address;
	struct sockaddr_in *in = (struct sockaddr_in *)address;

	if (inet_pton(AF_INET, text, &in->sin_addr) == 1)
		in->sin_family = AF_INET;
	else if (inet_pton(AF_INET6, text, &in6->sin6_addr) == 1)
		in6->sin6_family = AF_INET6;
	else
		die("'%s' is no address", text);
}

static unsigned long number(const char *text, unsigned long max)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (errno || end == text || *end || value > max)
		die("'%s' is no number up to %lu", text, max);
	return value;
}

static void options(struct endpoint *ep, int argc, char **argv)
{
	const char *folder = "/usr/share/sounds/alsa";
	unsigned int first = 0;
	int c;

	ep->profiles = "SRTP_AEAD_AES_128_GCM:SRTP_AEAD_AES_256_GCM";
	ep->seed = 1;
	ep->video_seq = 64036;
	ep->job_id = -1;
	while ((c = getopt(argc, argv, "n:a:p:w:f:s:v:h")) != -1) {
		switch (c) {
		case 'n':
			ep->name = optarg;
			break;
		case 'a':
			address_set(&ep->address, optarg);
			break;
		case 'p':
			ep->profiles = optarg;
			break;
		case 'w':
			folder = optarg;
			break;
		case 'f':
			first = (unsigned int)number(optarg, 1000);
			break;
		case 's':
			ep->seed = number(optarg, UINT32_MAX);
			break;
		case 'v':
			ep->video_seq = (uint16_t)number(optarg, 65535);
			break;
		default:
			fputs(usage, c == 'h' ? stdout : stderr);
			exit(c == 'h' ? 0 : 2);
		}
	}
	if (!ep->name || !ep->address.ss_family || optind != argc) {
		fputs(usage, stderr);
		exit(2);
	}
	ep->speech = speech_load(folder, first, &ep->speech_len);
}

static void work_once(struct endpoint *ep, struct line *line, struct task *task)
{
	switch (task->work) {
	case WORK_NONE:
		return;
	case WORK_MEDIA:
		if (task->rtcp_every && task->done % task->rtcp_every == 0)
			media_send_rtcp(ep, line);
		media_send(ep, line);
		break;
	case WORK_REPLAY:
		attack_replay(ep, line, task->done, task->done + task->left, task->stray);
		break;
	case WORK_FORGE:
		attack_forge(ep, line, task->done, task->stray);
		break;
	}
	task->done++;
	if (!--task->left)
		task->work = WORK_NONE;
}

/*
 * Packets leave by the clock. Who falls behind catches up with a few packets in
 * a row, never with all that are owed: on a slow machine the call takes longer.
 */
static void work(struct endpoint *ep)
{
	bool busy = false;
	int i;

	for (i = 0; i < LINES; i++) {
		struct task *task = &ep->tasks[i];
		uint64_t now = now_ns();

		if (task->work != WORK_NONE && task->due <= now) {
			work_once(ep, &ep->lines[i], task);
			task->due += task->gap_ns;
			if (task->due + 4 * task->gap_ns < now)
				task->due = now;
		}
		busy |= task->work != WORK_NONE;
	}
	if (!busy)
		control_done(ep, NULL);
}

static void connecting(struct endpoint *ep)
{
	unsigned int connected = 0;
	int i;

	for (i = 0; i < LINES; i++) {
		if (ep->lines[i].dtls.failure[0]) {
			control_done(ep, ep->lines[i].dtls.failure);
			return;
		}
		connected += !ep->lines[i].secure || ep->lines[i].dtls.connected;
	}
	if (connected == LINES)
		control_done(ep, NULL);
	else if (now_ns() >= ep->job_deadline)
		control_done(ep, "the DTLS handshake did not end in time");
}

static uint64_t next_due(const struct endpoint *ep)
{
	uint64_t due = UINT64_MAX;
	int i;

	for (i = 0; i < LINES; i++) {
		uint64_t timer = dtls_due(&ep->lines[i]);

		if (timer < due)
			due = timer;
		if (ep->job == JOB_SEND && ep->tasks[i].work != WORK_NONE && ep->tasks[i].due < due)
			due = ep->tasks[i].due;
	}
	if (ep->job == JOB_CONNECT && ep->job_deadline < due)
		due = ep->job_deadline;
	return due;
}

static void loop(struct endpoint *ep)
{
	while (!ep->quit) {
		struct pollfd fds[LINES + 1];
		uint64_t due = next_due(ep), now = now_ns(), wait = due > now ? due - now : 0;
		struct timespec ts = { (time_t)(wait / 1000000000), (long)(wait % 1000000000) };
		int i;

		for (i = 0; i < LINES; i++)
			fds[i] = (struct pollfd){ .fd = ep->lines[i].fd, .events = POLLIN };
		fds[LINES] = (struct pollfd){ .fd = STDIN_FILENO, .events = POLLIN };
		if (ppoll(fds, LINES + 1, due == UINT64_MAX ? NULL : &ts, NULL) < 0 && errno != EINTR)
			die("poll: %s", strerror(errno));
		for (i = 0; i < LINES; i++) {
			if (fds[i].revents)
				line_receive(ep, &ep->lines[i]);
			if (dtls_due(&ep->lines[i]) <= now_ns())
				dtls_timer(&ep->lines[i]);
		}
		if (fds[LINES].revents)
			control_input(ep);
		if (ep->job == JOB_CONNECT)
			connecting(ep);
		else if (ep->job == JOB_SEND)
			work(ep);
	}
}

int main(int argc, char **argv)
{
	static const enum kind kinds[LINES] = { KIND_AUDIO, KIND_VIDEO };
	struct endpoint *ep = &endpoint;
	int i;

	if (srtp_init() != srtp_err_status_ok)
		die("libsrtp2 does not start");
	options(ep, argc, argv);
	for (i = 0; i < LINES; i++) {
		line_open(ep, &ep->lines[i], kinds[i]);
		sender_init(ep, &ep->lines[i]);
		snprintf(ep->lines[i].phases[0].name, sizeof(ep->lines[i].phases[0].name), "setup");
	}
	loop(ep);
	return 0;
}
