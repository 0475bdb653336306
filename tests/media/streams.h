/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TESTS_MEDIA_STREAMS_H
#define TESTS_MEDIA_STREAMS_H

void stream_tests(void);
void vector_tests(void);
void cryptex_tests(void);
/* Changes the datapath by itself. */
void move_tests(void);
void port_tests(void);

#endif /* TESTS_MEDIA_STREAMS_H */
