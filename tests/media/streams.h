/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TESTS_MEDIA_STREAMS_H
#define TESTS_MEDIA_STREAMS_H

void stream_tests(void);

#endif /* TESTS_MEDIA_STREAMS_H */
