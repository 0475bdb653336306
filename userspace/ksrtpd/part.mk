# SPDX-License-Identifier: GPL-2.0
#
# build/ksrtpd.

KSRTPD_SRC := $(wildcard userspace/ksrtpd/*.c)
KSRTPD_OBJ := $(KSRTPD_SRC:%.c=$(O)/%.o)
KSRTPD_PKGS := libevent_core libssl libcrypto jansson
KSRTPD_LIBS = $(shell $(PKG_CONFIG) --libs $(KSRTPD_PKGS)) -pthread
KSRTPD_DEFS = -DKSRTPD_VERSION='"$(KSRTP_VERSION)"'

ALL += $(O)/ksrtpd

$(KSRTPD_OBJ): CFLAGS += $(KSRTPD_DEFS)
$(O)/userspace/ksrtpd/main.o $(O)/userspace/ksrtpd/control.o: kmod/version.h

$(O)/ksrtpd: $(KSRTPD_OBJ) $(LIBKSRTP)
	$(CC) $(LDFLAGS) -o $@ $(KSRTPD_OBJ) $(LIBKSRTP) $(KSRTPD_LIBS) $(LIBKSRTP_LIBS)

-include $(KSRTPD_OBJ:.o=.d)
