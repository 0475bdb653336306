# SPDX-License-Identifier: GPL-2.0
#
# build/libksrtp.a, build/libksrtp.so and build/libksrtp.pc. A program of this
# tree links $(LIBKSRTP) and $(LIBKSRTP_LIBS).

LIBKSRTP_SONAME := libksrtp.so.0

LIBKSRTP := $(O)/libksrtp.a
LIBKSRTP_SRC := $(wildcard userspace/libksrtp/*.c)
LIBKSRTP_OBJ := $(LIBKSRTP_SRC:%.c=$(O)/%.o) $(O)/userspace/libksrtp/core/kdf.o
LIBKSRTP_XDP := $(wildcard userspace/libksrtp/xdp.c)
LIBKSRTP_PKGS := libmnl libcrypto $(if $(LIBKSRTP_XDP),libbpf libelf zlib)
LIBKSRTP_LIBS = $(shell $(PKG_CONFIG) --libs $(LIBKSRTP_PKGS))

ALL += $(LIBKSRTP) $(O)/libksrtp.so $(O)/libksrtp.pc

$(O)/userspace/libksrtp/%.o: CFLAGS += -fPIC -Ikmod/core -I$(O)/bpf

# The very source of the module's side, with the kernel's names from user.h.
$(O)/userspace/libksrtp/core/kdf.o: kmod/core/kdf.c kmod/core/user.h
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -include kmod/core/user.h -c -o $@ $<

$(LIBKSRTP): $(LIBKSRTP_OBJ)
	@rm -f $@
	$(AR) rcsD $@ $(LIBKSRTP_OBJ)

$(O)/$(LIBKSRTP_SONAME): $(LIBKSRTP_OBJ) userspace/libksrtp/libksrtp.map
	$(CC) -shared -Wl,-soname,$(LIBKSRTP_SONAME) -Wl,-z,defs,-z,relro,-z,now -Wl,--as-needed \
		-Wl,--version-script=userspace/libksrtp/libksrtp.map -o $@ $(LIBKSRTP_OBJ) $(LIBKSRTP_LIBS)

$(O)/libksrtp.so: $(O)/$(LIBKSRTP_SONAME)
	@ln -sf $(LIBKSRTP_SONAME) $@

$(O)/libksrtp.pc: userspace/libksrtp/libksrtp.pc.in userspace/libksrtp/part.mk kmod/version.h
	@mkdir -p $(@D)
	sed -e 's|@VERSION@|$(KSRTP_VERSION)|' -e 's|@PKGS@|$(LIBKSRTP_PKGS)|' $< >$@

-include $(LIBKSRTP_OBJ:.o=.d)
