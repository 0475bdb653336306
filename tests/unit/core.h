/* SPDX-License-Identifier: GPL-2.0 */
/* The parts of the program `core`; each prints its own tests. */
#ifndef KSRTP_TEST_CORE_H
#define KSRTP_TEST_CORE_H

void test_index(void);
void test_replay(void);
void test_numbers(void);
void test_rtp(void);
void test_rtcp(void);
void test_rtcp_map(void);
void test_report(void);
void test_wire(void);
void test_kdf(void);
void test_stun(void);

#endif /* KSRTP_TEST_CORE_H */
