# SPDX-License-Identifier: GPL-2.0
#
# `make install` and `make uninstall`, for packagers and for people:
#
#	make && make install DESTDIR=/tmp/root prefix=/usr
#
# The module is not installed but its source, for DKMS, which builds it for each
# kernel that comes; `make install-module` is for hosts without DKMS. Both lists
# below serve both verbs, so that what was installed is what is removed.

DESTDIR :=
prefix := /usr/local
exec_prefix := $(prefix)
bindir := $(exec_prefix)/bin
sbindir := $(exec_prefix)/sbin
libdir := $(exec_prefix)/lib
includedir := $(prefix)/include
datadir := $(prefix)/share
mandir := $(datadir)/man
docdir := $(datadir)/doc/ksrtp
sysconfdir := /etc
unitdir := $(prefix)/lib/systemd/system
sysusersdir := $(prefix)/lib/sysusers.d
modprobedir := $(prefix)/lib/modprobe.d
completiondir := $(datadir)/bash-completion/completions
# Where DKMS looks for sources and the kernel for modules, whatever the prefix is.
modulesrcdir := /usr/src
modulesdir := /lib/modules

INSTALL := install
IO := $(O)/install

# Filled in with the folders above.
INSTALL_IN := libksrtp.pc:userspace/libksrtp/libksrtp.pc.in \
	dkms.conf:kmod/dkms.conf.in \
	$(foreach f,$(wildcard userspace/systemd/*.service.in),$(basename $(notdir $(f))):$(f))
INSTALL_MAN := $(wildcard userspace/man/*.[1-9])
INSTALL_DKMS := Kbuild COPYING $(wildcard kmod/*.[chs] kmod/*.sh kmod/*/*.[ch] \
	include/*/*.[ch] include/*/*/*.[ch])

# MODE|FILE|WHERE
INSTALL_FILES = \
	755|$(O)/ksrtpd|$(sbindir)/ksrtpd \
	755|$(O)/ksrtpctl|$(bindir)/ksrtpctl \
	644|$(O)/libksrtp.a|$(libdir)/libksrtp.a \
	755|$(O)/$(LIBKSRTP_SONAME)|$(libdir)/libksrtp.so.$(KSRTP_VERSION) \
	644|$(IO)/libksrtp.pc|$(libdir)/pkgconfig/libksrtp.pc \
	644|include/ksrtp/ksrtp.h|$(includedir)/ksrtp/ksrtp.h \
	644|include/uapi/linux/ksrtp.h|$(includedir)/linux/ksrtp.h \
	644|include/netlink/ksrtp.yaml|$(datadir)/ksrtp/ksrtp.yaml \
	644|userspace/ksrtpd/PROTOCOL.md|$(docdir)/PROTOCOL.md \
	644|userspace/ksrtpd/ksrtpd.conf|$(docdir)/examples/ksrtpd.conf \
	644|userspace/libksrtp/example/protect.c|$(docdir)/examples/protect.c \
	644|userspace/completion/ksrtpctl|$(completiondir)/ksrtpctl \
	644|userspace/systemd/ksrtp.sysusers|$(sysusersdir)/ksrtp.conf \
	644|userspace/systemd/ksrtp.modprobe|$(modprobedir)/ksrtp.conf \
	$(foreach f,$(wildcard userspace/ksrtpd/openapi.yaml),644|$(f)|$(datadir)/ksrtp/$(notdir $(f))) \
	$(foreach f,$(filter %.service,$(INSTALL_IN:%.in=%)),644|$(IO)/$(notdir $(f))|$(unitdir)/$(notdir $(f))) \
	$(foreach f,$(INSTALL_MAN),644|$(f)|$(mandir)/man$(subst .,,$(suffix $(f)))/$(notdir $(f))) \
	644|$(IO)/dkms.conf|$(modulesrcdir)/ksrtp-$(KSRTP_VERSION)/dkms.conf \
	$(foreach f,$(INSTALL_DKMS),$(if $(filter %.sh,$(f)),755,644)|$(f)|$(modulesrcdir)/ksrtp-$(KSRTP_VERSION)/$(f))

# TARGET|LINK
INSTALL_LINKS = \
	libksrtp.so.$(KSRTP_VERSION)|$(libdir)/$(LIBKSRTP_SONAME) \
	$(LIBKSRTP_SONAME)|$(libdir)/libksrtp.so

# Folders that are ours alone, the inner ones first.
INSTALL_DIRS = $(sort $(includedir)/ksrtp $(datadir)/ksrtp) $(docdir)/examples $(docdir)

.PHONY: install uninstall install-module install-in
# The folders differ from one call to the next, so these are made anew each time.
install-in:
	@mkdir -p $(IO)
	@set -e; for pair in $(INSTALL_IN); do \
		sed -e 's|@VERSION@|$(KSRTP_VERSION)|g' -e 's|@PKGS@|$(LIBKSRTP_PKGS)|g' \
			-e 's|@BINDIR@|$(bindir)|g' -e 's|@SBINDIR@|$(sbindir)|g' \
			-e 's|@SYSCONFDIR@|$(sysconfdir)|g' \
			-e 's|^prefix=.*|prefix=$(prefix)|' -e 's|^libdir=.*|libdir=$(libdir)|' \
			-e 's|^includedir=.*|includedir=$(includedir)|' \
			"$${pair#*:}" >"$(IO)/$${pair%%:*}"; \
	done

install: $(filter-out module,$(ALL)) install-in
	@set -e; for entry in $(patsubst %,'%',$(INSTALL_FILES)); do \
		mode=$${entry%%|*}; entry=$${entry#*|}; \
		$(INSTALL) -D -m $$mode "$${entry%%|*}" "$(DESTDIR)$${entry#*|}"; \
	done; \
	for entry in $(patsubst %,'%',$(INSTALL_LINKS)); do \
		ln -sfn "$${entry%%|*}" "$(DESTDIR)$${entry#*|}"; \
	done; \
	$(INSTALL) -d -m 755 "$(DESTDIR)$(sysconfdir)/ksrtp"

# The configuration, state and whatever DKMS built of it stay.
uninstall:
	@set -e; for entry in $(patsubst %,'%',$(INSTALL_FILES) $(INSTALL_LINKS)); do \
		rm -f "$(DESTDIR)$${entry##*|}"; \
	done; \
	rm -rf "$(DESTDIR)$(modulesrcdir)/ksrtp-$(KSRTP_VERSION)"; \
	for dir in $(INSTALL_DIRS) "$(sysconfdir)/ksrtp"; do \
		rmdir "$(DESTDIR)$$dir" 2>/dev/null || :; \
	done

install-module: module
	@set -e; rel=$$(cat "$(or $(KDIR),$(modulesdir)/$$(uname -r)/build)/include/config/kernel.release"); \
	$(INSTALL) -D -m 644 "$(O)/kmod/$$rel/ksrtp.ko" "$(DESTDIR)$(modulesdir)/$$rel/updates/ksrtp.ko"; \
	[ -n "$(DESTDIR)" ] || depmod "$$rel"
