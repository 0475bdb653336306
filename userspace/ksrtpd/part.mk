# SPDX-License-Identifier: GPL-2.0
#
# build/ksrtpd.

KSRTPD_SRC := $(wildcard userspace/ksrtpd/*.c)
# The rules of the packet path are those of the module, from the same sources.
KSRTPD_CORE := $(patsubst %,$(O)/userspace/ksrtpd/core/%.o,index numbers packet replay report rtcp)
KSRTPD_OBJ := $(KSRTPD_SRC:%.c=$(O)/%.o) $(O)/userspace/ksrtpd/openapi.o $(KSRTPD_CORE)
KSRTPD_PKGS := libevent_core libevent_openssl libssl libcrypto jansson libsrtp2 sqlite3
KSRTPD_LIBS = $(shell $(PKG_CONFIG) --libs $(KSRTPD_PKGS)) -pthread
KSRTPD_DEFS = -Ikmod -DKSRTPD_VERSION='"$(KSRTP_VERSION)"'

ALL += $(O)/ksrtpd

$(KSRTPD_OBJ): CFLAGS += $(KSRTPD_DEFS)
$(O)/userspace/ksrtpd/main.o $(O)/userspace/ksrtpd/agent_method.o $(O)/userspace/ksrtpd/metrics.o: kmod/version.h

$(KSRTPD_CORE): $(O)/userspace/ksrtpd/core/%.o: kmod/core/%.c kmod/core/user.h
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -include kmod/core/user.h -c -o $@ $<

$(O)/userspace/ksrtpd/openapi.o: userspace/ksrtpd/openapi.S userspace/ksrtpd/openapi.yaml
	@mkdir -p $(@D)
	$(CC) -c -o $@ $<

$(O)/ksrtpd: $(KSRTPD_OBJ) $(LIBKSRTP)
	$(CC) $(LDFLAGS) -o $@ $(KSRTPD_OBJ) $(LIBKSRTP) $(KSRTPD_LIBS) $(LIBKSRTP_LIBS)

-include $(KSRTPD_OBJ:.o=.d)
