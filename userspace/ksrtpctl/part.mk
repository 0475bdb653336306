# SPDX-License-Identifier: GPL-2.0
#
# build/ksrtpctl

KSRTPCTL_OBJ := $(patsubst %.c,$(O)/%.o,$(wildcard userspace/ksrtpctl/*.c))
KSRTPCTL_LIBS = $(shell $(PKG_CONFIG) --libs jansson)

ALL += $(O)/ksrtpctl

$(O)/userspace/ksrtpctl/main.o $(O)/userspace/ksrtpctl/doctor_host.o: CFLAGS += -DKSRTP_VERSION='"$(KSRTP_VERSION)"'
$(O)/userspace/ksrtpctl/main.o $(O)/userspace/ksrtpctl/doctor_host.o: kmod/version.h

$(O)/ksrtpctl: $(KSRTPCTL_OBJ) $(LIBKSRTP)
	$(CC) $(LDFLAGS) -o $@ $(KSRTPCTL_OBJ) $(LIBKSRTP) $(LIBKSRTP_LIBS) $(KSRTPCTL_LIBS)

-include $(KSRTPCTL_OBJ:.o=.d)
