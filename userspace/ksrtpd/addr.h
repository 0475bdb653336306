/* SPDX-License-Identifier: GPL-2.0 */
/* IP addresses with port. Families are said as 4 and 6, as PROTOCOL.md does. */
#ifndef KSRTPD_ADDR_H
#define KSRTPD_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <netinet/in.h>
#include <sys/socket.h>

#define KSRTPD_ADDR_TEXT	(INET6_ADDRSTRLEN + 8)

/* Parses a numeric address of @family (4, 6 or 0: either), port 0. */
bool ksrtpd_addr_parse(const char *text, int family, struct sockaddr_storage *addr);
/* 4, 6, or 0 for anything else. */
int ksrtpd_addr_family(const struct sockaddr_storage *addr);
socklen_t ksrtpd_addr_len(const struct sockaddr_storage *addr);
uint16_t ksrtpd_addr_port(const struct sockaddr_storage *addr);
void ksrtpd_addr_set_port(struct sockaddr_storage *addr, uint16_t port);
/* Family, address and port are the same. */
bool ksrtpd_addr_equal(const struct sockaddr_storage *a, const struct sockaddr_storage *b);
/* NULL when a datagram can be sent there and come from there, else why not. */
const char *ksrtpd_addr_unusable(const struct sockaddr_storage *addr);
/* "192.0.2.1" or "2001:db8::1" */
const char *ksrtpd_addr_host(const struct sockaddr_storage *addr, char text[KSRTPD_ADDR_TEXT]);
/* "192.0.2.1:40000" or "[2001:db8::1]:40000" */
const char *ksrtpd_addr_text(const struct sockaddr_storage *addr, char text[KSRTPD_ADDR_TEXT]);

#endif /* KSRTPD_ADDR_H */
