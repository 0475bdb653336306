/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TESTS_MEDIA_INCUMBENT_H
#define TESTS_MEDIA_INCUMBENT_H

void secrecy_tests(void);

#endif /* TESTS_MEDIA_INCUMBENT_H */
