/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TESTS_MEDIA_ROUTES_H
#define TESTS_MEDIA_ROUTES_H

void ssrc_tests(void);
void fanout_tests(void);
void quality_tests(void);

#endif /* TESTS_MEDIA_ROUTES_H */
