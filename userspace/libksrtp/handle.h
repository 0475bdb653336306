/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of libksrtp share: the netlink socket, requests, errors. */
#ifndef KSRTP_LIB_HANDLE_H
#define KSRTP_LIB_HANDLE_H

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

#include <ksrtp/ksrtp.h>

/* The longest request is route-new with every payload type mapped; the kernel's dumps are cut
 * at 32 KiB.
 */
#define KSRTP_TX_LEN	4096
#define KSRTP_RX_LEN	65536

/**
 * struct ksrtp - one netlink socket
 * @busy: a dump is under way, whose callback may not use the handle
 * @secret: the request in @tx holds keys, so the buffers are wiped after it
 */
struct ksrtp {
	struct mnl_socket	*nl;
	uint16_t		family;
	uint32_t		events_group;
	uint32_t		seq;
	uint32_t		portid;
	bool			busy;
	bool			secret;
	char			error[512];
	char			tx[KSRTP_TX_LEN] __attribute__((aligned(8)));
	char			rx[KSRTP_RX_LEN] __attribute__((aligned(8)));
};

/* Take the attributes of one message: 0, or a negative errno that ends the request. */
typedef int (*ksrtp_nl_item)(struct ksrtp *handle, const struct nlmsghdr *nlh, void *arg);

/**
 * struct ksrtp_nl_dump - where the objects of a dump go
 * @item: called per object; what it returns other than 0 ends the dump
 */
struct ksrtp_nl_dump {
	ksrtp_nl_item		item;
	ksrtp_restart_cb	restart;
	void			*item_arg;
	void			*restart_arg;
};

/*
 * Begin a request in @handle->tx; NULL with @err set while a dump's callback runs.
 * Ended by exactly one of _do and _dump.
 */
struct nlmsghdr *ksrtp_nl_begin(struct ksrtp *handle, uint8_t cmd, int *err);
/* Send it and read the answer; @item may be NULL. -EPROTO when an awaited reply did not come. */
int ksrtp_nl_do(struct ksrtp *handle, struct nlmsghdr *nlh, ksrtp_nl_item item, void *arg);
int ksrtp_nl_dump(struct ksrtp *handle, struct nlmsghdr *nlh, const struct ksrtp_nl_dump *dump);

/* The sentence of this thread's last failed open. */
const char *ksrtp_open_error(void);
/* Keeps @handle's sentence for that, closes it, returns @err. */
int ksrtp_open_failed(struct ksrtp *handle, int err);

/* error.c: keep the sentence for ksrtp_error(); returns @err, a negative errno. */
int ksrtp_fail(struct ksrtp *handle, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Of the kernel's answer @nlh (an error, or the end of a dump) to @request. */
int ksrtp_fail_kernel(struct ksrtp *handle, int err, const struct nlmsghdr *request,
		      const struct nlmsghdr *nlh);

/* attr.c: the YAML's names; NULL if unknown. */
const char *ksrtp_cmd_name(uint8_t cmd);
const char *ksrtp_attr_name(uint8_t cmd, uint16_t type);

/*
 * Attributes of @nlh, or of a nest, by type into @tb[0..max]; unknown ones are
 * of a newer kernel and left out.
 */
void ksrtp_attr_parse(const struct nlmsghdr *nlh, const struct nlattr **tb, uint16_t max);
void ksrtp_attr_parse_nest(const struct nlattr *nest, const struct nlattr **tb, uint16_t max);
/* Absent, or not of the right length: *value stays and the answer is false. */
bool ksrtp_attr_u8(const struct nlattr *attr, uint8_t *value);
bool ksrtp_attr_u32(const struct nlattr *attr, uint32_t *value);
bool ksrtp_attr_s32(const struct nlattr *attr, int32_t *value);
bool ksrtp_attr_u64(const struct nlattr *attr, uint64_t *value);
/* Cut to @len - 1 octets; "" if absent. */
void ksrtp_attr_string(const struct nlattr *attr, char *value, size_t len);
/* AF_UNSPEC if there is no address. */
void ksrtp_attr_addr(const struct nlattr *ipv4, const struct nlattr *ipv6,
		     const struct nlattr *port, struct sockaddr_storage *addr);
void ksrtp_attr_drop(const struct nlattr *nest, uint64_t *dropped);
void ksrtp_attr_stats(const struct nlattr *nest, struct ksrtp_stats *stats);

#endif /* KSRTP_LIB_HANDLE_H */
