/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A test phone: makes SDP, does DTLS-SRTP, sends and receives audio and video.
 *
 * It shares nothing with ksrtp, neither a header nor a source file: what it
 * says about a call is a second opinion, by OpenSSL and libsrtp2 alone.
 *
 * One thread, one ppoll() loop (main.c). Commands come as JSON lines on stdin,
 * answers go as JSON lines to stdout (control.c).
 */
#ifndef INTEROP_ENDPOINT_H
#define INTEROP_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <srtp2/srtp.h>

#define THUMBPRINT_LEN	32
#define SHA256_HEX	(2 * 32 + 1)
#define CODE_TEXT	24		/* 20 digits, 3 blanks, NUL */
#define DATAGRAM_MAX	2048
#define RTP_HEADER	12
#define AUDIO_PAYLOAD	160		/* 20 ms of 8 kHz mu-law */
#define VIDEO_PAYLOAD	1200
#define LINES		2
#define PHASES		16
#define SSRCS		64

enum kind { KIND_AUDIO, KIND_VIDEO };
enum role { ROLE_UNKNOWN, ROLE_CLIENT, ROLE_SERVER };

/* A growing list of datagrams or payloads. */
struct blob {
	uint32_t ssrc;
	uint64_t index;		/* extended sequence number, or NTP time of RTCP */
	uint32_t phase;
	uint32_t arrival;
	uint16_t len;
	uint8_t header[RTP_HEADER];
	uint8_t *data;
};

struct blobs {
	struct blob *at;
	size_t count, room;
};

/* What happened on one line between two "phase" commands. */
struct phase {
	char name[32];
	uint64_t rtp_sent, rtcp_sent;		/* valid packets of this endpoint */
	uint64_t attack_sent;			/* replayed or forged ones */
	uint64_t datagrams;			/* of any kind but DTLS that came in */
	uint64_t rtp, rtcp;			/* accepted: authentic, or plain */
	uint64_t replay_refused, auth_refused;	/* by libsrtp2 here */
	uint64_t malformed, foreign, not_media;
};

struct sender {
	uint32_t ssrc, timestamp;
	uint16_t seq;
	uint8_t payload_type;
	uint64_t packets, octets, wraps, rtcp_packets;
	uint64_t random;		/* state of the video payload's generator */
	EVP_MD_CTX *payload_hash, *header_hash, *rtcp_hash;
	struct blobs recorded;		/* as on the wire */
};

struct receiver {
	struct blobs rtp, rtcp;
	struct { uint32_t ssrc; uint64_t highest; } ssrcs[SSRCS];
	unsigned int ssrc_count;
};

struct certificate {
	X509 *x509;
	EVP_PKEY *key;
	uint8_t thumbprint[THUMBPRINT_LEN];
};

struct dtls {
	SSL_CTX *ctx;
	SSL *ssl;
	struct line *line;
	const uint8_t *datagram;	/* the one being read */
	size_t datagram_len;
	bool connected;
	unsigned int associations;	/* that came about on this line, one after the other */
	char failure[160];
};

struct line {
	enum kind kind;
	int fd, stray_fd;		/* stray: same address, another port */
	struct sockaddr_storage local, remote;
	socklen_t local_len, remote_len;
	bool secure;
	enum role role;
	struct certificate cert;
	uint8_t remote_thumbprints[8][THUMBPRINT_LEN];	/* from the SDP */
	unsigned int remote_thumbprint_count;
	struct dtls dtls;
	const char *suite;
	uint8_t peer_thumbprint[THUMBPRINT_LEN];	/* of the certificate that came */
	char code[CODE_TEXT];		/* computed when a result is asked for */
	srtp_t tx, rx;
	srtp_t rx_old;			/* of the association before: some may be on their way */
	struct sender out;
	struct receiver in;
	uint32_t overflow;		/* datagrams that the receive buffer refused */
	struct phase phases[PHASES];
};

/* What is being sent on a line. */
enum work { WORK_NONE, WORK_MEDIA, WORK_REPLAY, WORK_FORGE };

struct task {
	enum work work;
	uint32_t left, done, rtcp_every;
	uint64_t gap_ns, due;
	bool stray;
};

struct endpoint {
	const char *name;
	struct sockaddr_storage address;
	const char *profiles;		/* OpenSSL's names, in order of preference */
	uint64_t seed;
	uint16_t video_seq;
	uint8_t *speech;		/* mu-law */
	size_t speech_len;
	bool offerer;
	struct line lines[LINES];
	unsigned int phase;
	/* the job that an answer is owed for */
	int job_id;			/* -1: none */
	enum { JOB_NONE, JOB_CONNECT, JOB_SEND } job;
	uint64_t job_deadline;
	struct task tasks[LINES];
	bool quit;
};

/* main.c */
uint64_t now_ns(void);
__attribute__((noreturn, format(printf, 1, 2))) void die(const char *format, ...);

/* speech.c: WAV files of a folder, from number @first on, as mu-law at 8 kHz */
uint8_t *speech_load(const char *dir, unsigned int first, size_t *len);
void speech_write(const char *path, const struct blobs *rtp, uint32_t ssrc);

/* cert.c */
void cert_make(struct certificate *cert, const char *name);
void cert_thumbprint(X509 *x509, uint8_t thumbprint[THUMBPRINT_LEN]);

/* seccode.c: the security code of two thumbprints, in any order */
void security_code(const uint8_t one[THUMBPRINT_LEN], const uint8_t other[THUMBPRINT_LEN],
		   char code[CODE_TEXT]);

/* sdp.c: NULL, or what is wrong */
char *sdp_write(struct endpoint *ep, bool secure, const char *setup);
const char *sdp_read(struct endpoint *ep, const char *sdp, bool is_offer, char *setup_wanted);

/* socket.c */
void line_open(struct endpoint *ep, struct line *line, enum kind kind);
void line_send(struct line *line, const uint8_t *data, size_t len, bool stray);
void line_receive(struct endpoint *ep, struct line *line);

/* dtls.c */
void dtls_start(struct endpoint *ep, struct line *line);
void dtls_input(struct line *line, const uint8_t *data, size_t len);
uint64_t dtls_due(const struct line *line);
void dtls_timer(struct line *line);

/* media.c */
void blobs_add(struct blobs *list, const struct blob *blob, const uint8_t *data);
void sender_init(struct endpoint *ep, struct line *line);
void media_send(struct endpoint *ep, struct line *line);
void media_send_rtcp(struct endpoint *ep, struct line *line);
void media_receive(struct endpoint *ep, struct line *line, uint8_t *data, size_t len);

/* attack.c */
void attack_replay(struct endpoint *ep, struct line *line, uint32_t number, uint32_t of, bool stray);
void attack_forge(struct endpoint *ep, struct line *line, uint32_t number, bool stray);

/* control.c */
void control_input(struct endpoint *ep);
void control_done(struct endpoint *ep, const char *failure);

/* result.c */
struct json_t;
struct json_t *result_counts(const struct endpoint *ep);
struct json_t *result_whole(struct endpoint *ep);

#endif /* INTEROP_ENDPOINT_H */
