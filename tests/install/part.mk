# SPDX-License-Identifier: GPL-2.0

TESTS += $(TB)/install/endpoint

$(TB)/install/endpoint: tests/install/endpoint.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< -lsrtp2
