# SPDX-License-Identifier: GPL-2.0-or-later
#
# make            builds build/kdump-lite and build/kdump-capture
# make help       lists the other targets and the variables
#
# No configure step: libraries are found through pkg-config, objects go to build/.

VERSION := 0.1

PREFIX ?= /usr/local
SYSCONFDIR ?= /etc
DESTDIR ?=
BUILD ?= build
CC ?= cc
STRIP ?= strip
PKG_CONFIG ?= pkg-config
# For another architecture: aarch64-linux-gnu or riscv64-linux-gnu; what is built is in a directory of this name.
ARCH_TRIPLET ?=
# 1: with AddressSanitizer and UndefinedBehaviorSanitizer, thread: with ThreadSanitizer.
SANITIZE ?= 0
# With sanitizers, what is compiled sooner is tested sooner; line numbers are all that their messages need.
CFLAGS ?= $(if $(filter 0,$(SANITIZE)),-O2 -g,-O1 -g1)
FUZZ_TIME ?= 60
# 1: "make check" runs every scenario in virtual machines, with every kernel, on machines that boot for it.
FULL ?= 0
WERROR ?= $(if $(CI),1,0)
# 1: link kdump-capture statically, 0: dynamically; left empty, whatever the installed libraries allow.
STATIC_CAPTURE ?=
# 1: install kdump-lite under the name of kexec(8) too, which belongs to kexec-tools.
KEXEC_COMMAND ?= 0
V ?= 0

# Runs what was built, where this machine cannot.
export EMULATOR :=
ifneq ($(ARCH_TRIPLET),)
  # Headers and libraries of the architecture. They come before those that Debian's cross compilers have of their own.
  SYSROOT := $(abspath $(BUILD)/sysroot/$(ARCH_TRIPLET))
  override BUILD := $(BUILD)/$(ARCH_TRIPLET)
  CC := $(ARCH_TRIPLET)-gcc --sysroot=$(SYSROOT) -B$(SYSROOT)/usr/lib/$(ARCH_TRIPLET) \
	-isystem $(SYSROOT)/usr/include/$(ARCH_TRIPLET) -isystem $(SYSROOT)/usr/include
  AR := $(ARCH_TRIPLET)-ar
  STRIP := $(ARCH_TRIPLET)-strip
  PKG_CONFIG := PKG_CONFIG_SYSROOT_DIR=$(SYSROOT) PKG_CONFIG_LIBDIR=$(SYSROOT)/usr/lib/$(ARCH_TRIPLET)/pkgconfig pkg-config
  # The linker finds the libraries, so that all other files are the host's.
  EMULATOR := /usr/bin/qemu-$(firstword $(subst -, ,$(ARCH_TRIPLET))) $(SYSROOT)/ld.so \
	--library-path $(SYSROOT)/lib/$(ARCH_TRIPLET):$(SYSROOT)/usr/lib/$(ARCH_TRIPLET)
endif

Q := $(if $(filter 1,$(V)),,@)
# Links $@, which is there all the time: tests may run that another make has started.
link = $(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) -o $@.new $(1) && mv -f $@.new $@
say = $(if $(filter 1,$(V)),,@printf '  %-7s %s\n' $(1) $(2))

bindir := $(PREFIX)/bin
sbindir := $(PREFIX)/sbin
libexecdir := $(PREFIX)/lib/kdump-lite
unitdir := $(PREFIX)/lib/systemd/system
catalogdir := $(PREFIX)/lib/systemd/catalog
tmpfilesdir := $(PREFIX)/lib/tmpfiles.d
generatordir := $(PREFIX)/lib/systemd/system-generators
rulesdir := $(PREFIX)/lib/udev/rules.d
mandir := $(PREFIX)/share/man
datadir := $(PREFIX)/share/kdump-lite

ENGINE_PKGS := zlib lzo2 libzstd
CONFIG_PKGS := jansson
LOADER_PKGS := libelf liblzma
# libfdt is not known to pkg-config before 1.7. It is small, so that a static one is linked where there is one.
FDT = $(if $(filter /%,$(shell $(CC) -print-file-name=libfdt.a)),-l:libfdt.a,-lfdt)
# Opened when they are needed.
OPENED_PKGS := blkid libkmod mount libsystemd
TEST_PKGS := cmocka

# Goals that need no libraries, so that they work on a machine that has none yet.
PLAIN_GOALS := help clean lint faults demo packages uninstall check check-fast check-html bench fuzz
ifneq ($(if $(SYSROOT),,$(filter-out $(PLAIN_GOALS),$(or $(MAKECMDGOALS),all))),)
  missing := $(strip $(foreach p,$(ENGINE_PKGS) $(CONFIG_PKGS) $(LOADER_PKGS) $(OPENED_PKGS),$(shell $(PKG_CONFIG) --exists $(p) 2>/dev/null || echo $(p))))
  ifneq ($(missing),)
    $(error These libraries were not found by pkg-config: $(missing). On Debian run "make packages" as root, elsewhere install their development files)
  endif
endif

pkg_cflags = $(shell $(PKG_CONFIG) --cflags $(1))
pkg_libs = $(shell $(PKG_CONFIG) --libs $(1))

CPPFLAGS_ALL := -I. -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DKDUMP_LITE_VERSION='"$(VERSION)"' \
	-DKDUMP_LITE_LIBEXECDIR='"$(libexecdir)"' $(CPPFLAGS)
CFLAGS_ALL := -std=gnu17 -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wundef \
	-Wno-unused-parameter -Wno-missing-field-initializers -fno-strict-aliasing -ffunction-sections -fdata-sections \
	-fstack-protector-strong -MMD -MP -pthread $(CFLAGS)
LDFLAGS_ALL := -Wl,--gc-sections -pthread $(LDFLAGS)
# gcc cannot know that errf() returns the negative number it is given, and so finds results unset that nobody reads.
ifeq ($(findstring clang,$(shell $(CC) --version 2>/dev/null)),)
  CFLAGS_ALL += -Wno-maybe-uninitialized
endif
ifeq ($(WERROR),1)
  CFLAGS_ALL += -Werror
endif
sanitizers_1 := -fsanitize=address,undefined -fno-sanitize-recover=undefined
sanitizers_thread := -fsanitize=thread
sanitizer_libraries := $(if $(SYSROOT),-static-libasan -static-libubsan)
# Debian 12's compiler for riscv64 has no UBSan to link, and an ASan that cannot have as many addresses as an emulator
# gives it. What UBSan finds is a trap then, which needs no library.
ifneq ($(filter riscv64-%,$(ARCH_TRIPLET)),)
  sanitizers_1 := -fsanitize=undefined -fsanitize-undefined-trap-on-error
  sanitizer_libraries :=
endif
ifneq ($(SANITIZE),0)
  CFLAGS_ALL += $(sanitizers_$(SANITIZE)) -fno-omit-frame-pointer
  LDFLAGS_ALL += $(sanitizers_$(SANITIZE)) $(sanitizer_libraries)
  override BUILD := $(BUILD)/sanitize-$(SANITIZE)
  STATIC_CAPTURE := 0
endif

# For objects that are fuzzed; "make fuzz" sets it.
ifeq ($(FUZZ),1)
  CFLAGS_ALL += -O1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined
endif

sources = $(foreach d,$(1),$(wildcard $(d)/*.c))
objects = $(patsubst %.c,$(BUILD)/%.o,$(1))

# What both programs are made of; each links what it needs of it.
SHARED_SRC := $(call sources,base system segments config)
SHARED_SRC += $(call sources,$(addprefix vmcore/,io format arch kernel filter view stack log report findings text))
LOADER_SRC := $(call sources,$(addprefix loader/,system boot kexec image show crashes doctor cli))
CAPTURE_SRC := $(call sources,capture)
# The page of a report, made of loader/show/html.
PAGE := $(BUILD)/loader/show/html/page
# What the unit tests link beside the engine: everything but the two main programs.
TESTED_SRC := $(SHARED_SRC) $(filter-out %/main.c,$(LOADER_SRC) $(CAPTURE_SRC))
TEST_SRC := $(wildcard tests/unit/test-*.c)
TEST_HELP_SRC := $(filter-out $(TEST_SRC),$(wildcard tests/unit/*.c))
FUZZ_SRC := $(wildcard tests/fuzz/fuzz-*.c)
FUZZ_HELP_SRC := $(addprefix tests/fuzz/,common.c core.c mutate.c)
FUZZ_NAMES := $(patsubst tests/fuzz/fuzz-%.c,%,$(FUZZ_SRC))
# One program for all of them: linking is what takes longest.
TESTS := $(BUILD)/tests/unit/tests
TEST_NAMES := $(basename $(notdir $(TEST_SRC) $(FUZZ_SRC)))
# "make check-unit TEST=page" runs tests/unit/test-page.c alone.
TEST ?=

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: FORCE all help clean lint check check-fast check-unit check-sanitize check-html check-fuzz faults fuzz fuzz-run demo bench packages install uninstall

all: $(BUILD)/kdump-lite $(BUILD)/kdump-capture

ifneq ($(SYSROOT),)
$(SYSROOT): $(addprefix tests/packages/,debian sysroot)
	$(Q)tests/packages/install cross
	$(Q)tests/packages/sysroot $(ARCH_TRIPLET) $@
endif

$(BUILD)/kdump-lite: $(call objects,$(LOADER_SRC)) $(PAGE).o $(BUILD)/libkdump-lite.a
	$(call say,LD,$@)
	$(call link,$^ $(FDT) $(call pkg_libs,$(LOADER_PKGS) $(CONFIG_PKGS) $(ENGINE_PKGS)))

# A static program makes the smallest and the most robust capture image; the test links one to see if that works here.
capture_libs = $(FDT) $(call pkg_libs,blkid $(CONFIG_PKGS) $(ENGINE_PKGS))
$(BUILD)/kdump-capture: $(call objects,$(CAPTURE_SRC)) $(BUILD)/libkdump-lite.a $(BUILD)/capture.static
	$(call say,LD,$@)
	$(call link,`cat $(BUILD)/capture.static` $(filter %.o %.a,$^) $(capture_libs))

$(BUILD)/capture.static: Makefile | $(SYSROOT)
	$(Q)mkdir -p $(@D)
	$(Q)case '$(STATIC_CAPTURE)' in \
	1) echo -static ;; \
	0) echo ;; \
	*) echo 'int main(void) { return 0; }' >$@.c; \
	   if $(CC) -static -o $@.test $@.c $(capture_libs) 2>/dev/null; then echo -static; else echo; fi; \
	   rm -f $@.c $@.test ;; \
	esac >$@

$(BUILD)/libkdump-lite.a: $(call objects,$(SHARED_SRC))
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(BUILD)/%.o: %.c Makefile | $(SYSROOT)
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(OWN_NAME) $(CFLAGS_ALL) -c -o $@ $<

$(PAGE).c: $(addprefix loader/show/html/,embed page.html style.css script.js) Makefile
	$(Q)mkdir -p $(@D)
	$(Q)loader/show/html/embed >$@

$(PAGE).o: $(PAGE).c | $(SYSROOT)
	$(Q)$(CC) $(CFLAGS_ALL) -c -o $@ $<

# "make install PREFIX=..." after "make" has to build anew what knows where things are installed.
$(BUILD)/loader/image/prepare.o: $(BUILD)/paths
$(BUILD)/paths: FORCE
	$(Q)mkdir -p $(@D)
	$(Q)echo '$(bindir) $(libexecdir)' | cmp -s - $@ || echo '$(bindir) $(libexecdir)' >$@

$(TESTS): $(call objects,$(TEST_SRC) $(TEST_HELP_SRC) $(FUZZ_SRC) $(FUZZ_HELP_SRC) tests/fuzz/replay.c $(TESTED_SRC)) \
		$(BUILD)/tests/unit/table.o $(PAGE).o
	$(call say,LD,$@)
	$(call link,$^ $(FDT) $(call pkg_libs,$(TEST_PKGS) $(LOADER_PKGS) $(OPENED_PKGS) $(CONFIG_PKGS) $(ENGINE_PKGS)))

# In one program each test needs another name for the function that all of them have.
c_name = $(subst -,_,$(basename $(notdir $(1))))
$(BUILD)/tests/unit/test-%.o: OWN_NAME = -Dmain=$(call c_name,$@)
ifneq ($(FUZZ),1)
  $(BUILD)/tests/fuzz/fuzz-%.o: OWN_NAME = -DLLVMFuzzerTestOneInput=$(call c_name,$@)
endif

$(BUILD)/tests/unit/table.c: FORCE
	$(Q)mkdir -p $(@D)
	$(Q){ echo '#include "tests/unit/tests.h"'; \
	printf 'int %s(void);\n' $(call c_name,$(TEST_SRC)); \
	printf 'int %s(const uint8_t *, size_t);\n' $(call c_name,$(FUZZ_SRC)); \
	echo 'const struct test tests[] = {'; \
	printf '{ .name = "%s", .run = %s },\n' $(foreach t,$(TEST_SRC),$(basename $(notdir $t)) $(call c_name,$t)); \
	printf '{ .name = "%s", .fuzz = %s },\n' $(foreach t,$(FUZZ_SRC),$(basename $(notdir $t)) $(call c_name,$t)); \
	echo '{} };'; } >$@.new
	$(Q)cmp -s $@.new $@ || mv $@.new $@

$(BUILD)/tests/unit/table.o: $(BUILD)/tests/unit/table.c | $(SYSROOT)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -c -o $@ $<

# What is read outside of the engine.
$(addprefix $(BUILD)/tests/fuzz/fuzz-,grub image): $(call objects,$(call sources,$(addprefix loader/,system boot)))

$(BUILD)/tests/fuzz/fuzz-capture: $(call objects,$(filter-out %/main.c,$(CAPTURE_SRC)))

$(BUILD)/tests/fuzz/fuzz-%: $(BUILD)/tests/fuzz/fuzz-%.o $(call objects,$(FUZZ_HELP_SRC) tests/fuzz/mutator.c) \
		$(BUILD)/libkdump-lite.a
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) -fsanitize=fuzzer,address,undefined -o $@ \
		$(filter %.o,$^) $(filter %.a,$^) $(call pkg_libs,$(LOADER_PKGS) $(OPENED_PKGS) $(CONFIG_PKGS) $(ENGINE_PKGS))

# The capture image of a kernel in a tree, and the reserve of a target, for the rig of tests/vm.
$(addprefix $(BUILD)/tests/vm/rig/,mkcapture reserve): %: %.o \
		$(call objects,$(call sources,$(addprefix loader/,system boot kexec image))) $(BUILD)/libkdump-lite.a
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) -o $@ $^ $(FDT) $(call pkg_libs,$(LOADER_PKGS) $(CONFIG_PKGS) $(ENGINE_PKGS))

# A dump of a crowd of tasks, for tests/bench.
$(BUILD)/tests/bench/crowd: $(call objects,tests/bench/crowd.c tests/unit/check.c $(wildcard tests/unit/synth*.c)) \
		$(BUILD)/libkdump-lite.a
	$(call say,LD,$@)
	$(call link,$^ $(call pkg_libs,$(TEST_PKGS) $(ENGINE_PKGS)))

-include $(wildcard $(BUILD)/*/*.d $(BUILD)/*/*/*.d $(BUILD)/tests/*/*/*.d)

# Tests. The goals that a newcomer types install what they lack first, then make again with the libraries there.
again = $(Q)$(MAKE) --no-print-directory -j$(shell nproc)

check:
	$(Q)began=`date +%s`; tests/packages/install build lint vm html cross arches $(if $(filter 1,$(FULL)),emulate) && \
		MAKE='$(MAKE)' tests/check --began=$$began $(if $(filter 1,$(FULL)),--full)

check-fast: packages
	$(again) lint
	$(again) check-unit

check-unit: all $(TESTS)
	$(if $(SYSROOT),$(Q)tests/packages/install emulate)
	$(Q)tests/unit/run $(TESTS) $(or $(TEST),$(TEST_NAMES))

check-sanitize:
	$(again) SANITIZE=1 check-unit

# A browser looks at the pages that the unit tests have left.
check-html: packages
	$(Q)tests/packages/install html
	$(again) check-unit
	$(Q)tests/html/run

# The inputs of tests/fuzz/corpus alone, which check-unit tries too.
check-fuzz: $(TESTS)
	$(Q)tests/unit/run $(TESTS) $(FUZZ_NAMES:%=fuzz-%)

# Looks for more of them, with each program for FUZZ_TIME seconds.
fuzz:
	$(Q)tests/packages/install build fuzz
	$(again) CC=clang FUZZ=1 BUILD=$(BUILD)/fuzz fuzz-run

fuzz-run: $(addprefix $(BUILD)/tests/fuzz/fuzz-,$(FUZZ_NAMES))
	$(Q)tests/fuzz/run $(FUZZ_TIME) $^

lint:
	$(Q)tests/lint/run

# The table that runs of the rig have left, once all its rows have passed ("tests/vm/run --only capture --full").
faults:
	$(Q)mkdir -p docs && cp build/vm/faults.md docs/faults.md

demo: packages
	$(again) all
	$(Q)tests/vm/demo

bench: packages
	$(Q)tests/packages/install bench
	$(again) all $(BUILD)/tests/bench/crowd
	$(Q)tests/bench/run

packages:
	$(Q)tests/packages/install build lint vm

# Installation.

generated := $(BUILD)/kdump-lite.conf $(BUILD)/kdump-lite.conf.5

$(BUILD)/kdump-lite.conf: $(BUILD)/kdump-lite
	$(if $(SYSROOT),$(Q)tests/packages/install emulate)
	$(Q)$(EMULATOR) $< show-config --default >$@

$(BUILD)/kdump-lite.conf.5: man/kdump-lite.conf.5.in $(BUILD)/kdump-lite
	$(Q)$(EMULATOR) $(BUILD)/kdump-lite show-config --man >$@.rows
	$(Q)sed -e '/^@SETTINGS@$$/{r $@.rows' -e 'd}' $< >$@

# On x86_64 all usual kernels have kexec_file_load(2), which needs no more.
iomem_capability = $(if $(filter x86_64-%,$(shell $(CC) -dumpmachine)),,CAP_SYS_ADMIN)

$(BUILD)/units/%: units/%.in Makefile $(BUILD)/paths
	$(Q)mkdir -p $(@D)
	$(Q)sed -e 's|@bindir@|$(bindir)|g' -e 's|@iomem_capability@|$(iomem_capability)|' $< >$@

UNITS := kdump-lite.service kdump-lite-announce.service kdump-lite-mark.service kdump-lite-prune.service \
	kdump-lite-swap.service kdump-lite-kexec.service kdump-lite-kexec@.service kdump-lite-kexec-hold.service \
	kdump-lite-unbind-graphics.service
PLAIN_UNITS := kdump-lite-reload.service kdump-lite-reload.timer kdump-lite-reload.path kdump-lite-prune.timer
GENERATOR := $(DESTDIR)$(generatordir)/kdump-lite-generator

MAN8 := kdump-lite.8 kdump-lite-doctor.8 kdump-lite-report.8 kdump-lite-convert.8 kdump-lite-kexec.8

kexec_link := $(DESTDIR)$(sbindir)/kexec
is_kexec_link = test "`readlink $(kexec_link)`" = ../bin/kdump-lite

install: all $(generated) $(addprefix $(BUILD)/units/,$(UNITS))
	install -D -m 0755 $(BUILD)/kdump-lite $(DESTDIR)$(bindir)/kdump-lite
	# Without debugging information, since it becomes part of the capture image.
	install -D -m 0755 -s --strip-program=$(STRIP) $(BUILD)/kdump-capture $(DESTDIR)$(libexecdir)/kdump-capture
	install -D -m 0644 -t $(DESTDIR)$(unitdir) $(addprefix $(BUILD)/units/,$(UNITS)) $(addprefix units/,$(PLAIN_UNITS))
	install -D -m 0644 units/swap.conf $(DESTDIR)$(unitdir)/swap.d/kdump-lite.conf
	install -D -m 0644 -t $(DESTDIR)$(rulesdir) units/98-kdump-lite.rules
	install -d $(dir $(GENERATOR))
	ln -sfn ../../../bin/kdump-lite $(GENERATOR)
ifeq ($(KEXEC_COMMAND),1)
	# Not over another program.
	test ! -e $(kexec_link) -a ! -L $(kexec_link) || $(is_kexec_link) || \
		{ echo '$(kexec_link): is of kexec-tools; remove that package first' >&2; exit 1; }
	install -d $(DESTDIR)$(sbindir)
	ln -sfn ../bin/kdump-lite $(kexec_link)
endif
	install -D -m 0644 -t $(DESTDIR)$(catalogdir) units/kdump-lite.catalog
	install -D -m 0644 -t $(DESTDIR)$(datadir) vmcore/text/report.schema.json
	install -D -m 0644 units/kdump-lite.tmpfiles $(DESTDIR)$(tmpfilesdir)/kdump-lite.conf
	install -D -m 0644 -t $(DESTDIR)$(mandir)/man8 $(addprefix man/,$(MAN8))
	install -D -m 0644 -t $(DESTDIR)$(mandir)/man5 $(BUILD)/kdump-lite.conf.5 man/kdump-lite-crash.5
	test -e $(DESTDIR)$(SYSCONFDIR)/kdump-lite.conf || \
		install -D -m 0644 $(BUILD)/kdump-lite.conf $(DESTDIR)$(SYSCONFDIR)/kdump-lite.conf
ifeq ($(DESTDIR),)
	# What a package does after it is unpacked; where systemd does not run there is nothing to tell.
	-test ! -d /run/systemd/system || { systemctl daemon-reload; journalctl --update-catalog; \
		systemd-tmpfiles --create kdump-lite.conf; }
endif

# Settings and saved crashes stay.
uninstall:
	rm -f $(DESTDIR)$(bindir)/kdump-lite $(addprefix $(DESTDIR)$(unitdir)/,$(UNITS) $(PLAIN_UNITS)) \
		$(DESTDIR)$(unitdir)/swap.d/kdump-lite.conf $(GENERATOR) $(DESTDIR)$(rulesdir)/98-kdump-lite.rules \
		$(DESTDIR)$(catalogdir)/kdump-lite.catalog $(DESTDIR)$(tmpfilesdir)/kdump-lite.conf \
		$(addprefix $(DESTDIR)$(mandir)/man8/,$(MAN8)) \
		$(addprefix $(DESTDIR)$(mandir)/man5/,kdump-lite.conf.5 kdump-lite-crash.5)
	rm -rf $(DESTDIR)$(libexecdir) $(DESTDIR)$(datadir)
	! $(is_kexec_link) || rm -f $(kexec_link)

clean:
	rm -rf $(BUILD)/kdump-lite $(BUILD)/kdump-capture $(BUILD)/*.a $(BUILD)/capture.static $(generated) $(BUILD)/units \
		$(BUILD)/base $(BUILD)/system $(BUILD)/vmcore $(BUILD)/config $(BUILD)/loader $(BUILD)/capture $(BUILD)/tests \
		$(BUILD)/sanitize-* $(BUILD)/fuzz $(BUILD)/*-linux-gnu

help:
	@echo 'make                   build the two programs'
	@echo 'make demo              crash a virtual machine and look at its dump, as root'
	@echo 'make check             all tests, as root; check-fast: the tests without virtual machines'
	@echo 'make check-unit        the unit tests; TEST=page: tests/unit/test-page.c alone'
	@echo 'make check-sanitize    the unit tests with ASan and UBSan'
	@echo 'make check-html        test HTML reports in a browser'
	@echo 'make fuzz              fuzz the readers of dumps, each for FUZZ_TIME=60 seconds'
	@echo 'make lint              formatting, layering, manual pages, scripts'
	@echo 'make faults            docs/faults.md of the last runs of the capture rig'
	@echo 'make bench             compare the speed with makedumpfile'
	@echo 'make install           DESTDIR= PREFIX=/usr/local SYSCONFDIR=/etc; make uninstall removes it again'
	@echo '                       KEXEC_COMMAND=1: also PREFIX/sbin/kexec, for systemctl kexec where kexec-tools is missing'
	@echo 'make packages          install the Debian packages for all of these'
	@echo 'Variables: ARCH_TRIPLET=aarch64-linux-gnu|riscv64-linux-gnu CC= CFLAGS= SANITIZE=1|thread WERROR=1 STATIC_CAPTURE=0|1 V=1'
