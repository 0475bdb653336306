/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TESTS_MEDIA_MEDIA_H
#define TESTS_MEDIA_MEDIA_H

/* Of each program: what runs on each datapath, and what needs none. */
void media_tests(void);
void media_tests_once(void);

/* Shall this group of tests run? */
int media_wants(const char *group);

#endif /* TESTS_MEDIA_MEDIA_H */
