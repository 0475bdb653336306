/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of ksrtpctl share. One file per object, each with a table of commands. */
#ifndef KSRTPCTL_CTL_H
#define KSRTPCTL_CTL_H

#include <jansson.h>
#include <ksrtp/ksrtp.h>

#define AGENT_SOCKET	"/run/ksrtp/ksrtpd.sock"

enum {
	EXIT_DONE,
	EXIT_REFUSED,	/* by the agent, the kernel, or what they were asked about */
	EXIT_USAGE,
};

/**
 * struct options - what stands before the object
 * @agent: path of the agent's socket
 */
struct options {
	bool		json;
	bool		pretty;
	const char	*agent;
};

extern struct options options;

/**
 * struct command - one verb of an object
 * @args: for the help; "" if it takes none
 * @run: gets what follows the verb; answers an exit status
 */
struct command {
	const char	*name;
	const char	*args;
	const char	*help;
	int		(*run)(int argc, char **argv);
};

/* Ended by an entry without a name. */
extern const struct command agent_commands[];
extern const struct command call_commands[];
extern const struct command doctor_commands[];
extern const struct command drain_commands[];
extern const struct command federation_commands[];
extern const struct command leg_commands[];
extern const struct command stream_commands[];
extern const struct command key_commands[];
extern const struct command policy_commands[];
extern const struct command route_commands[];
extern const struct command stats_commands[];
extern const struct command xdp_commands[];
extern const struct command monitor_commands[];
extern const struct command version_commands[];

/*
 * A sentence to stderr and, with -j, the same as {"error": {"reason", "message"}} to
 * stdout. @reason is a word for programs.
 */
int refused(const char *reason, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Wrong words on the command line. */
int misused(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* A remark that does not fail the command. */
void note(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* A decimal number of the command line, 1 to 2^32 - 1; false if it is none. */
bool parse_id(const char *text, uint32_t *id);

/* kernel.c: a handle, or NULL after saying why not. */
struct ksrtp *kernel_open(void);
/* What the kernel refused on @handle. */
int kernel_refused(const struct ksrtp *handle, int err);
struct column;
/* Prints the rows of a dump that ended with @err, also one that never came out whole, or says
 * why there are none. Takes over @rows.
 */
int kernel_table(const struct ksrtp *handle, int err, json_t *rows,
		 const struct column *columns, const char *none);
json_t *stats_json(const struct ksrtp_stats *stats);
json_t *leg_json(const struct ksrtp_leg *leg);
json_t *dropped_json(const uint64_t *dropped);
json_t *address_json(const struct sockaddr_storage *addr);

/* agent.c: one connection to the agent. */
struct agent;
/* NULL after saying why not; with @optional it says nothing. */
struct agent *agent_open(bool optional);
void agent_close(struct agent *agent);
int agent_fd(const struct agent *agent);
/*
 * Asks and waits. Takes @params over. The answer, or NULL after saying what the
 * agent refused.
 */
json_t *agent_call(struct agent *agent, const char *method, json_t *params);
/* The same on a connection of its own. */
json_t *agent_ask(const char *method, json_t *params);
/* One more line, if a whole one is there or @wait; NULL and *@ended when the agent has gone. */
json_t *agent_line(struct agent *agent, bool wait, bool *ended);

/* out.c: one renderer for text and JSON. */
/**
 * struct column - one value of an object as text
 * @path: where it is, members separated by dots
 */
struct column {
	const char	*path;
	const char	*title;
};

/* The value as a person reads it, to be freed. */
char *out_text(const json_t *value);
/* JSON: the value in one line, or indented with -p. */
void out_json(const json_t *value);
/* An array of objects: a table; with -j the array. Takes @rows over; an exit status. */
int out_table(json_t *rows, const struct column *columns, const char *empty);
/* An object, a line per column that is there; with -j the object. Takes it over. */
int out_fields(json_t *object, const struct column *columns);
/* The lines of out_fields() as part of a longer text, indented. */
void out_lines(const json_t *object, const struct column *columns, int indent);

/* Whatever it is, a line per member; with -j as it is. Takes it over; an exit status. */
int out_any(json_t *value);
/* Adds @name to @object: @ms since 1970 as a time for people. */
void out_time(json_t *object, const char *name, const json_t *ms);

/* method.c: MEMBER=VALUE of the command line into @params; an exit status. */
int set_member(json_t *params, const char *assignment);

/* leg.c */
extern const struct column leg_counter_columns[];

#endif /* KSRTPCTL_CTL_H */
