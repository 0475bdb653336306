/* SPDX-License-Identifier: GPL-2.0 */
/* Between the files of libksrtp that deal with XDP. */
#ifndef KSRTP_XDP_INT_H
#define KSRTP_XDP_INT_H

#include <stddef.h>
#include <stdint.h>

#define XDP_HIDDEN	__attribute__((visibility("hidden")))

/* Names under the folder of pins. */
#define XDP_PIN_PROG		"xdp"
#define XDP_PIN_VERDICTS	"verdicts"
#define XDP_PIN_EGRESS		"egress"
#define XDP_PIN_KEEP		"keep"	/* the program again: stay without any device */

/* Where a sentence for people goes; @text may be NULL. */
struct xdp_why {
	char *text;
	size_t len;
};

/*
 * The folder of pins, locked against other processes while it is open.
 * @path: shows the BPF file system of the first process, also in a mount
 *	namespace that hides it, as `ip netns exec` makes one
 */
struct xdp_pins {
	int fd;
	char path[64];
};

/* Writes the sentence and returns @err. */
XDP_HIDDEN int ksrtp_xdp_say(const struct xdp_why *why, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* @create: make the folder, mount the file system; else -ENOENT when it is not there. */
XDP_HIDDEN int ksrtp_xdp_pins_open(struct xdp_pins *pins, int create, const struct xdp_why *why);
XDP_HIDDEN void ksrtp_xdp_pins_close(struct xdp_pins *pins);
/* A descriptor of the pinned object, or a negative errno. */
XDP_HIDDEN int ksrtp_xdp_pin_get(const struct xdp_pins *pins, const char *name);
XDP_HIDDEN int ksrtp_xdp_pin_put(const struct xdp_pins *pins, const char *name, int fd);
XDP_HIDDEN void ksrtp_xdp_pin_del(const struct xdp_pins *pins, const char *name);
/* Name of the pin of a device's link in the caller's network namespace; its inode, or 0. */
XDP_HIDDEN uint32_t ksrtp_xdp_pin_name(unsigned int ifindex, char *name, size_t len);
/* Removes links whose device is gone; when none is left and nobody said keep, everything. */
XDP_HIDDEN void ksrtp_xdp_pins_sweep(const struct xdp_pins *pins);
/* Takes the program off every device, in all network namespaces; 0, or the first error. */
XDP_HIDDEN int ksrtp_xdp_pins_detach(const struct xdp_pins *pins);

/* The pinned program, loaded first if need be: a descriptor, or a negative errno. */
XDP_HIDDEN int ksrtp_xdp_load(const struct xdp_pins *pins, const struct xdp_why *why);

#endif /* KSRTP_XDP_INT_H */
