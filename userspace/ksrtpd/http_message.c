// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "http_message.h"

#define BAD	"bad-request"

/* RFC 9110, section 5.6.2. */
static bool is_token(const char *text)
{
	static const char letters[] = "!#$%&'*+-.^_`|~0123456789"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

	return *text && !text[strspn(text, letters)];
}

/* Cuts the line that begins at *@at out; NULL at the end. All end with CR LF. */
static char *next_line(char **at, char *end)
{
	char *line = *at, *cr;

	if (line == end)
		return NULL;
	cr = memchr(line, '\r', end - line);
	if (!cr || cr + 1 == end || cr[1] != '\n')
		return NULL;
	*cr = '\0';
	*at = cr + 2;
	return line;
}

/* -- the request line */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool ksrtpd_http_decode(char *text)
{
	char *out = text;

	while (*text) {
		int c = (unsigned char)*text++;

		if (c == '%') {
			int high = hex_digit(text[0]), low = high < 0 ? -1 : hex_digit(text[1]);

			if (low < 0)
				return false;
			c = high << 4 | low;
			text += 2;
		}
		if (c <= 0x20 || c >= 0x7f || c == '/')
			return false;
		*out++ = c;
	}
	*out = '\0';
	return true;
}

static int take_path(struct ksrtpd_http_request *request, char *path,
		     struct ksrtpd_failure *failure)
{
	if (*path != '/')
		return ksrtpd_fail(failure, BAD, "the target is no absolute path");
	request->query = strchr(path, '?');
	if (request->query)
		*request->query++ = '\0';
	while (path) {
		char *segment = path + 1;

		path = strchr(segment, '/');
		if (path)
			*path = '\0';
		if (!*segment && !path && !request->segments_count)
			return 0;
		if (request->segments_count == KSRTPD_HTTP_SEGMENTS)
			return ksrtpd_fail(failure, "no-such-path", "there is nothing as deep as that");
		if (!*segment || !ksrtpd_http_decode(segment) || !*segment)
			return ksrtpd_fail(failure, BAD,
					   "part %u of the path is empty or wrongly encoded",
					   request->segments_count + 1);
		request->segments[request->segments_count++] = segment;
	}
	return 0;
}

static int take_first(struct ksrtpd_http_request *request, char *line,
		      struct ksrtpd_failure *failure)
{
	char *target = strchr(line, ' '), *version = target ? strchr(target + 1, ' ') : NULL;

	if (!version || strchr(version + 1, ' '))
		return ksrtpd_fail(failure, BAD, "no request line");
	*target++ = '\0';
	*version++ = '\0';
	if (!is_token(line))
		return ksrtpd_fail(failure, BAD, "no method");
	request->method = line;
	if (!strcmp(version, "HTTP/1.1"))
		request->keep_alive = true;
	else if (!strcmp(version, "HTTP/1.0"))
		request->host = true;	/* needs none */
	else
		return ksrtpd_fail(failure, "http-version", "HTTP/1.1 and 1.0 are spoken here");
	return take_path(request, target, failure);
}

/* -- header fields; each of these once at most */

static int take_length(struct ksrtpd_http_request *request, char *value,
		       struct ksrtpd_failure *failure)
{
	size_t i;

	request->has_length = true;
	for (i = 0; isdigit((unsigned char)value[i]) && i < 15; i++)
		request->length = 10 * request->length + value[i] - '0';
	return i && !value[i] ? 0 : ksrtpd_fail(failure, BAD, "Content-Length is no number");
}

static int take_encoding(struct ksrtpd_http_request *request, char *value,
			 struct ksrtpd_failure *failure)
{
	(void)request;
	(void)value;
	return ksrtpd_fail(failure, "not-supported",
			   "Transfer-Encoding is not taken: say Content-Length");
}

static int take_expect(struct ksrtpd_http_request *request, char *value,
		       struct ksrtpd_failure *failure)
{
	if (strcasecmp(value, "100-continue"))
		return ksrtpd_fail(failure, BAD, "Expect is not 100-continue");
	request->expects = true;
	return 0;
}

static int take_connection(struct ksrtpd_http_request *request, char *value,
			   struct ksrtpd_failure *failure)
{
	char *rest = NULL, *word;

	(void)failure;
	for (word = strtok_r(value, ", \t", &rest); word; word = strtok_r(NULL, ", \t", &rest)) {
		if (!strcasecmp(word, "close"))
			request->keep_alive = false;
	}
	return 0;
}

static int take_host(struct ksrtpd_http_request *request, char *value,
		     struct ksrtpd_failure *failure)
{
	(void)value;
	(void)failure;
	request->host = true;
	return 0;
}

static int take_type(struct ksrtpd_http_request *request, char *value,
		     struct ksrtpd_failure *failure)
{
	(void)failure;
	request->type = value;
	return 0;
}

static int take_authorization(struct ksrtpd_http_request *request, char *value,
			      struct ksrtpd_failure *failure)
{
	(void)failure;
	request->authorization = value;
	return 0;
}

static int take_event_id(struct ksrtpd_http_request *request, char *value,
			 struct ksrtpd_failure *failure)
{
	(void)failure;
	request->last_event_id = value;
	return 0;
}

static const struct {
	const char *name;
	int (*take)(struct ksrtpd_http_request *request, char *value,
		    struct ksrtpd_failure *failure);
} fields[] = {
	{ "Content-Length", take_length },
	{ "Transfer-Encoding", take_encoding },
	{ "Expect", take_expect },
	{ "Connection", take_connection },
	{ "Host", take_host },
	{ "Content-Type", take_type },
	{ "Authorization", take_authorization },
	{ "Last-Event-ID", take_event_id },
};

#define FIELDS	(sizeof(fields) / sizeof(fields[0]))

static char *trim(char *text)
{
	char *end;

	text += strspn(text, " \t");
	end = text + strlen(text);
	while (end > text && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	*end = '\0';
	return text;
}

static int take_field(struct ksrtpd_http_request *request, char *line, unsigned int *seen,
		      struct ksrtpd_failure *failure)
{
	char *colon = strchr(line, ':'), *p;
	unsigned int i;

	if (!colon)
		return ksrtpd_fail(failure, BAD, "a header line without colon");
	*colon = '\0';
	if (!is_token(line))
		return ksrtpd_fail(failure, BAD, "'%.40s' is no name of a header field", line);
	for (p = colon + 1; *p; p++) {
		if ((unsigned char)*p < 0x20 && *p != '\t')
			return ksrtpd_fail(failure, BAD, "%.40s has a control character", line);
	}
	for (i = 0; i < FIELDS; i++) {
		if (strcasecmp(line, fields[i].name))
			continue;
		if (*seen & 1u << i)
			return ksrtpd_fail(failure, BAD, "%s is there twice", fields[i].name);
		*seen |= 1u << i;
		return fields[i].take(request, trim(colon + 1), failure);
	}
	return 0;
}

int ksrtpd_http_parse(char *head, size_t len, struct ksrtpd_http_request *request,
		      struct ksrtpd_failure *failure)
{
	char *at = head, *end = head + len, *line;
	unsigned int seen = 0, count = 0;

	memset(request, 0, sizeof(*request));
	if (memchr(head, '\0', len))
		return ksrtpd_fail(failure, BAD, "a NUL in the head");
	line = next_line(&at, end);
	if (!line)
		return ksrtpd_fail(failure, BAD, "no request line");
	if (take_first(request, line, failure))
		return -1;
	while ((line = next_line(&at, end)) && *line) {
		if (++count > KSRTPD_HTTP_HEADERS)
			return ksrtpd_fail(failure, BAD, "more than %d header lines",
					   KSRTPD_HTTP_HEADERS);
		if (take_field(request, line, &seen, failure))
			return -1;
	}
	if (!line || at != end)
		return ksrtpd_fail(failure, BAD, "the head ends in the middle of a line");
	if (!request->host)
		return ksrtpd_fail(failure, BAD, "Host is missing");
	return 0;
}
