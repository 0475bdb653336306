// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "addr.h"

static struct sockaddr_in *v4(const struct sockaddr_storage *addr)
{
	return (struct sockaddr_in *)addr;
}

static struct sockaddr_in6 *v6(const struct sockaddr_storage *addr)
{
	return (struct sockaddr_in6 *)addr;
}

bool ksrtpd_addr_parse(const char *text, int family, struct sockaddr_storage *addr)
{
	memset(addr, 0, sizeof(*addr));
	if (family != 6 && inet_pton(AF_INET, text, &v4(addr)->sin_addr) == 1) {
		addr->ss_family = AF_INET;
		return true;
	}
	if (family != 4 && inet_pton(AF_INET6, text, &v6(addr)->sin6_addr) == 1) {
		addr->ss_family = AF_INET6;
		return true;
	}
	return false;
}

int ksrtpd_addr_family(const struct sockaddr_storage *addr)
{
	if (addr->ss_family == AF_INET)
		return 4;
	return addr->ss_family == AF_INET6 ? 6 : 0;
}

socklen_t ksrtpd_addr_len(const struct sockaddr_storage *addr)
{
	return addr->ss_family == AF_INET ? sizeof(struct sockaddr_in) :
					    sizeof(struct sockaddr_in6);
}

uint16_t ksrtpd_addr_port(const struct sockaddr_storage *addr)
{
	if (addr->ss_family == AF_INET)
		return ntohs(v4(addr)->sin_port);
	return addr->ss_family == AF_INET6 ? ntohs(v6(addr)->sin6_port) : 0;
}

void ksrtpd_addr_set_port(struct sockaddr_storage *addr, uint16_t port)
{
	if (addr->ss_family == AF_INET)
		v4(addr)->sin_port = htons(port);
	else
		v6(addr)->sin6_port = htons(port);
}

bool ksrtpd_addr_equal(const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
	if (a->ss_family != b->ss_family || ksrtpd_addr_port(a) != ksrtpd_addr_port(b))
		return false;
	if (a->ss_family == AF_INET)
		return v4(a)->sin_addr.s_addr == v4(b)->sin_addr.s_addr;
	return a->ss_family == AF_INET6 &&
	       !memcmp(&v6(a)->sin6_addr, &v6(b)->sin6_addr, sizeof(struct in6_addr));
}

const char *ksrtpd_addr_unusable(const struct sockaddr_storage *addr)
{
	const struct in6_addr *six = &v6(addr)->sin6_addr;
	uint32_t four;

	if (addr->ss_family == AF_INET6) {
		if (IN6_IS_ADDR_UNSPECIFIED(six))
			return "is the unspecified address";
		if (IN6_IS_ADDR_MULTICAST(six))
			return "is a multicast address";
		if (IN6_IS_ADDR_V4MAPPED(six) || IN6_IS_ADDR_V4COMPAT(six))
			return "is an IPv4 address in IPv6 form";
		if (IN6_IS_ADDR_LINKLOCAL(six))
			return "is a link-local address";
		return NULL;
	}
	four = ntohl(v4(addr)->sin_addr.s_addr);
	if (four >> 24 == 0)
		return "is the unspecified address";
	if (IN_MULTICAST(four))
		return "is a multicast address";
	if (four >> 28 == 0xf)
		return "is a reserved or broadcast address";
	return NULL;
}

const char *ksrtpd_addr_host(const struct sockaddr_storage *addr, char text[KSRTPD_ADDR_TEXT])
{
	const void *from = addr->ss_family == AF_INET ? (void *)&v4(addr)->sin_addr :
							(void *)&v6(addr)->sin6_addr;

	if (!inet_ntop(addr->ss_family, from, text, KSRTPD_ADDR_TEXT))
		strcpy(text, "none");
	return text;
}

const char *ksrtpd_addr_text(const struct sockaddr_storage *addr, char text[KSRTPD_ADDR_TEXT])
{
	char host[KSRTPD_ADDR_TEXT];

	ksrtpd_addr_host(addr, host);
	snprintf(text, KSRTPD_ADDR_TEXT, addr->ss_family == AF_INET6 ? "[%.45s]:%u" : "%.45s:%u",
		 host, ksrtpd_addr_port(addr));
	return text;
}
