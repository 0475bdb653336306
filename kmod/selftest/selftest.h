/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_SELFTEST_H
#define KSRTP_SELFTEST_H

#ifdef KSRTP_TEST
/* Test build, at load: 0, or -EINVAL when the engine computed something wrong. */
int ksrtp_selftest(void);
#else
static inline int ksrtp_selftest(void)
{
	return 0;
}
#endif

#endif /* KSRTP_SELFTEST_H */
