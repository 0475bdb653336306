/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TESTS_MEDIA_KEYS_H
#define TESTS_MEDIA_KEYS_H

void key_reuse_tests(void);
void rekey_tests(void);
void hdrext_tests(void);

#endif /* TESTS_MEDIA_KEYS_H */
