/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_ENGINE_LINUX_JIFFIES_H
#define KSRTP_ENGINE_LINUX_JIFFIES_H

#define HZ	250

/* Stands still until a test moves it. */
extern unsigned long jiffies;

#define time_after(a, b)	((long)((b) - (a)) < 0)
#define time_before(a, b)	time_after(b, a)

#endif /* KSRTP_ENGINE_LINUX_JIFFIES_H */
