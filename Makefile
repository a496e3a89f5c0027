# sbxc: one Makefile, no recursion, no configure step; everything goes under build/.
#
#   make            build/sbxc and the libraries          make test      the whole suite
#   make lint       the house rules                       make bench     the numbers, against their peers
#   make install    PREFIX=/usr/local DESTDIR=            make help      every target
#
# CC=clang, SAN=address,undefined and MOVE=1 (a heap whose blocks always move) build in folders of their own.
# SPDX-License-Identifier: Apache-2.0

CC ?= cc
ifeq ($(origin CC),default)
CC = gcc
endif
PYTHON ?= /usr/bin/python3
PREFIX ?= /usr/local
DESTDIR ?=
SAN ?=
FUZZ ?=
MOVE ?=
CFLAGS ?= -O2 -g

VERSION := $(shell awk '/define SBX_VERSION_(MAJOR|MINOR|PATCH)/ { v = v sep $$3; sep = "." } END { print v }' runtime/include/sbx.h)

# The folder of this build: plain gcc is build/, others say what they are. FUZZ=1 is clang's libFuzzer.
ifneq ($(FUZZ),)
CC = clang
SAN = address,undefined,fuzzer-no-link
endif
B := build$(if $(filter-out gcc,$(notdir $(CC))),/$(notdir $(CC)))$(if $(FUZZ),/fuzz,$(if $(SAN),/san))$(if $(MOVE),/move)
WARN = -std=c11 -Wall -Wextra -Wpedantic -Wmissing-prototypes -Wstrict-prototypes -Wshadow -Wvla
SANFLAGS = $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer)
BASE = $(WARN) $(CFLAGS) $(SANFLAGS) $(if $(MOVE),-DHEAP_MOVES) -fPIC -ffunction-sections -fdata-sections -fvisibility=hidden -D_GNU_SOURCE -ffp-contract=off -MMD -MP
LINK = $(CC) $(CFLAGS) $(SANFLAGS) $(LDFLAGS)

CORE_SRC := $(wildcard runtime/values/*.c runtime/runs/*.c)
HOST_SRC := $(wildcard runtime/host/*.c)
GEN_SRC := $(wildcard gen/*.c)
CLI_SRC := $(wildcard cli/*.c)
CORE_OBJ := $(CORE_SRC:%.c=$(B)/%.o)
HOST_OBJ := $(HOST_SRC:%.c=$(B)/%.o)
GEN_OBJ := $(GEN_SRC:%.c=$(B)/%.o)
CLI_OBJ := $(CLI_SRC:%.c=$(B)/%.o)
-include rules.mk

.DELETE_ON_ERROR:
.PHONY: fuzz-programs fuzz-boundary all unit tools test test-fast fuzz-lang lint bench bench-peers bless docs install uninstall dist help clean clean-docker kills format fuzz-snapshots service-kills kill-sweep simulate FORCE test-move fault limits
all:

CORE_CFLAGS = $(BASE) -Iruntime/include -I$(B)
HOST_CFLAGS = $(BASE) -Iruntime/include -I$(B)
GEN_CFLAGS = $(BASE) -Igen -Iruntime/include -I$(B)/gen
CLI_CFLAGS = $(BASE) -Iruntime/include -Igen -I$(B)

$(CORE_OBJ): $(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CORE_CFLAGS) -c $< -o $@
$(HOST_OBJ): $(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(HOST_CFLAGS) -c $< -o $@
$(GEN_OBJ): $(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(GEN_CFLAGS) -c $< -o $@
$(CLI_OBJ): $(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CLI_CFLAGS) -c $< -o $@

# Tables and C that tools make. Each rule that makes a file from a script or a grammar stands here.
# (front end) $(B)/gen/lexer.c from grammar/lexer.re, $(B)/gen/python.c from grammar/python.y
# In a release (make dist) they stand in generated/, so that it builds without re2c and lemon.
ifneq ($(wildcard generated/lexer.c),)
$(B)/gen/lexer.c $(B)/gen/python.c $(B)/gen/python.h: $(B)/gen/%: generated/%
	@mkdir -p $(@D)
	cp $< $@
else
$(B)/gen/lexer.c: grammar/lexer.re
	@mkdir -p $(@D)
	re2c -W --no-debug-info -i -o $@ $<
$(B)/gen/python.c $(B)/gen/python.h &: grammar/python.y grammar/engine.lt
	@mkdir -p $(@D)
	cp $^ $(B)/gen && cd $(B)/gen && lemon -l -q -Tengine.lt python.y
endif
GEN_OBJ += $(B)/gen/lexer.o
$(B)/gen/lexer.o: $(B)/gen/lexer.c
	$(CC) $(GEN_CFLAGS) -c $< -o $@
# The names of the terminals, for the print of tokens: lemon's header is the only list of them.
$(B)/gen/token_kinds.def: $(B)/gen/python.h
	sed -n 's/^.define TK_\([A-Z_]*\) .*/KIND(\1)/p' $< > $@
$(B)/gen/codepoint_tables.h: grammar/codepoint_tables.py grammar/name_aliases.txt
	@mkdir -p $(@D)
	$(PYTHON) $^ $@
GEN_OBJ += $(B)/gen/python.o
# lemon's output raises these; nobody edits it.
$(B)/gen/python_tables.h: grammar/engine_tables.py $(B)/gen/python.c
	$(PYTHON) $^ $@
$(B)/gen/python.o: $(B)/gen/python.c $(B)/gen/python_tables.h
	$(CC) $(GEN_CFLAGS) -Wno-missing-prototypes -Wno-sign-compare -Wno-unused-parameter -Wno-unused-variable \
		-Wno-unused-function -Wno-unused-but-set-variable -Wno-shadow -c $< -o $@
$(GEN_OBJ): | $(B)/gen/python.h $(B)/gen/token_kinds.def $(B)/gen/codepoint_tables.h

$(B)/unicode_tables.c: scripts/unicode_tables.py
	@mkdir -p $(@D)
	$(PYTHON) scripts/unicode_tables.py $@
CORE_OBJ += $(B)/unicode_tables.o
$(B)/unicode_tables.o: $(B)/unicode_tables.c
	$(CC) $(CORE_CFLAGS) -Iruntime/values -c $< -o $@

$(B)/float_tables.c: scripts/float_tables.py
	@mkdir -p $(@D)
	$(PYTHON) scripts/float_tables.py $@
CORE_OBJ += $(B)/float_tables.o
$(B)/float_tables.o: $(B)/float_tables.c
	$(CC) $(CORE_CFLAGS) -Iruntime/values -c $< -o $@

# The text that the compiler emits: sections of templates/*.tmpl become functions.
TEMPLATES := $(wildcard templates/*.tmpl)
$(B)/gen/templates.h $(B)/gen/templates.c &: scripts/templates.py $(TEMPLATES)
	@mkdir -p $(B)/gen
	$(PYTHON) scripts/templates.py $(B)/gen/templates.h $(B)/gen/templates.c $(TEMPLATES)
GEN_OBJ += $(B)/gen/templates.o
$(B)/gen/templates.o: $(B)/gen/templates.c
	$(CC) $(GEN_CFLAGS) -c $< -o $@
$(GEN_OBJ): | $(B)/gen/templates.h

# What the scripts of sandboxes begin with, as text.
$(B)/gen/script_text.c: templates/script_library.py scripts/embed
	@mkdir -p $(@D)
	scripts/embed script_text.h script_library=templates/script_library.py >$@
GEN_OBJ += $(B)/gen/script_text.o
$(B)/gen/script_text.o: $(B)/gen/script_text.c
	$(CC) $(GEN_CFLAGS) -c $< -o $@

# (host) the Python worker as text
ifneq ($(HOST_SRC),)
WORKER_PY = templates/worker_values.py templates/worker.py templates/worker_box.py templates/task_loader.py templates/worker_flyte.py templates/worker_connectors.py
$(B)/worker_text.c: $(WORKER_PY) scripts/embed
	@mkdir -p $(@D)
	scripts/embed worker_text.h sbx__worker_text=templates/worker_values.py,templates/worker.py \
		sbx__box_text=templates/worker_box.py sbx__loader_text=templates/task_loader.py \
		sbx__standin_text=templates/worker_flyte.py sbx__connectors_text=templates/worker_connectors.py >$@
HOST_OBJ += $(B)/worker_text.o
$(B)/worker_text.o: $(B)/worker_text.c
	$(CC) $(HOST_CFLAGS) -Iruntime/host -c $< -o $@
endif

$(B)/libsbx.a: $(CORE_OBJ)
	rm -f $@ && $(AR) rcs $@ $^
$(B)/libsbx-host.a: $(HOST_OBJ)
	rm -f $@ && $(AR) rcs $@ $^
$(B)/libsbxc.a: $(GEN_OBJ)
	rm -f $@ && $(AR) rcs $@ $^

LIBS = $(if $(CORE_SRC),$(B)/libsbx.a) $(if $(HOST_SRC),$(B)/libsbx-host.a) $(if $(GEN_SRC),$(B)/libsbxc.a)
all: $(LIBS)

# Shared libraries, in a folder of their own so that -L$(B) links statically. The soname changes when the interface is broken.
SONAME = $(firstword $(subst ., ,$(VERSION)))
SHARED = $(B)/shared
SHARED_LIBS = $(SHARED)/libsbx.so.$(VERSION) $(SHARED)/libsbx-host.so.$(VERSION) $(SHARED)/libsbxc.so.$(VERSION)
SHARED_LINK = @mkdir -p $(@D) && $(LINK) -shared -Wl,-soname,$(patsubst %.$(VERSION),%.$(SONAME),$(@F)) -Wl,--no-undefined -Wl,--gc-sections -o $@ $(filter %.o,$^) \
	$(filter %.so.$(VERSION),$^) -lm && ln -sf $(@F) $(patsubst %.$(VERSION),%.$(SONAME),$@)
$(SHARED)/libsbx.so.$(VERSION): $(CORE_OBJ)
	$(SHARED_LINK)
$(SHARED)/libsbx-host.so.$(VERSION): $(HOST_OBJ) $(SHARED)/libsbx.so.$(VERSION)
	$(SHARED_LINK)
$(SHARED)/libsbxc.so.$(VERSION): $(GEN_OBJ) $(SHARED)/libsbx.so.$(VERSION)
	$(SHARED_LINK)
all: $(if $(SAN)$(FUZZ),,$(SHARED_LIBS))
ifneq ($(wildcard cli/main.c),)
$(B)/cli/toolchain.o: CLI_CFLAGS += -DSBXC_SANITIZE='"$(SANFLAGS)"'
$(B)/sbxc: $(CLI_OBJ) $(B)/libsbxc.a $(B)/libsbx-host.a $(B)/libsbx.a
	$(LINK) -o $@ $^ -lm
all: $(B)/sbxc
endif

# Unit tests: each tests/unit/X.c is a program; those of the compiler see gen/, the others the runtime.
UNIT_SRC := $(wildcard tests/unit/*.c)
UNIT_BIN := $(UNIT_SRC:%.c=$(B)/%)
$(UNIT_BIN): $(B)/%: %.c $(LIBS)
	@mkdir -p $(@D)
	$(CC) $(BASE) -Wno-missing-prototypes -I. -Iruntime/include -Igen -I$(B)/gen -o $@ $< \
		$(if $(GEN_SRC),$(B)/libsbxc.a) $(if $(HOST_SRC),$(B)/libsbx-host.a) $(if $(CORE_SRC),$(B)/libsbx.a) $(SANFLAGS) -lm
unit: $(UNIT_BIN)

# Programs that test suites drive: each tests/tools/X.c and tests/bench/X.c is one.
TOOL_SRC := $(wildcard tests/tools/*.c)
TOOL_BIN := $(TOOL_SRC:%.c=$(B)/%)
$(TOOL_BIN): $(B)/%: %.c $(LIBS)
	@mkdir -p $(@D)
	$(CC) $(BASE) -Wno-missing-prototypes -I. -Iruntime/include -Igen -I$(B)/gen -o $@ $< \
		$(B)/libsbxc.a $(B)/libsbx-host.a $(B)/libsbx.a $(SANFLAGS) -lm
# The host of random programs, which lends the library to the shared objects that it loads.
$(B)/tests/generated/random_host: tests/generated/random_host.c $(B)/libsbx.a
	@mkdir -p $(@D)
	$(CC) $(BASE) -Iruntime/include -rdynamic -o $@ $< -Wl,--whole-archive $(B)/libsbx.a -Wl,--no-whole-archive $(SANFLAGS) -lm -ldl
tools: $(TOOL_BIN) $(B)/tests/generated/random_host $(B)/tests/journal/sweep_host
# The host whose runs are killed at the writes of their journal.
$(B)/tests/journal/sweep_host: tests/journal/sweep_host.c $(B)/libsbx.a $(B)/libsbx-host.a
	@mkdir -p $(@D)
	$(CC) $(BASE) -Iruntime/include -rdynamic -o $@ $< $(B)/libsbx-host.a -Wl,--whole-archive $(B)/libsbx.a -Wl,--no-whole-archive $(SANFLAGS) -lm -ldl

# A simulated service, its programs compiled by sbxc.
$(B)/tests/simulation/sim_programs.c $(B)/tests/simulation/sim_programs.h &: tests/simulation/sim_programs.py $(B)/sbxc
	@mkdir -p $(@D)
	$(B)/sbxc $< -o $(B)/tests/simulation/sim_programs.c
SIM_SRC := $(wildcard tests/simulation/*.c)
$(B)/tests/simulation/simulate: $(SIM_SRC) tests/simulation/sim.h $(B)/tests/simulation/sim_programs.c $(LIBS)
	$(CC) $(BASE) -DSBX_NO_MAIN -Iruntime/include -I$(B)/tests/simulation -o $@ $(SIM_SRC) $(B)/tests/simulation/sim_programs.c \
		$(B)/libsbx-host.a $(B)/libsbx.a $(SANFLAGS) -lm
tools: $(B)/tests/simulation/simulate
# 1,000 seeds of 10,000 runs at the lowest priority; SEED= is the first, SEEDS= how many.
simulate: $(B)/tests/simulation/simulate
	nice -n 19 $< --seed $(or $(SEED),1) --seeds $(or $(SEEDS),1000) --runs $(or $(RUNS),10000)

# What is fuzzed (tests/fuzz): in each build a program that replays files, and with FUZZ=1 one of libFuzzer for each target.
FUZZ_TARGETS = front compile json wire machine snapshot docker
FUZZ_SRC = $(FUZZ_TARGETS:%=tests/fuzz/fuzz_%.c) tests/snapshot/snapshot_samples.c
FUZZ_CFLAGS = $(BASE) -I. -Iruntime/include -Igen -I$(B)/gen
# The programs whose snapshots are fuzzed: fuzz_targets.h has the same list.
FUZZ_PROGRAMS = corners mapping random_findings representations suspend_anywhere
FUZZ_OBJ = $(FUZZ_PROGRAMS:%=$(B)/tests/fuzz/%.o)
$(B)/tests/fuzz/%.o: tests/lang/%.py $(B)/sbxc
	@mkdir -p $(@D)
	$(B)/sbxc $< -o $(B)/tests/fuzz/$*.c
	$(CC) -std=c11 $(if $(FUZZ),-O1 -g,-O0) $(SANFLAGS) -DSBX_NO_MAIN -Iruntime/include -c $(B)/tests/fuzz/$*.c -o $@
$(B)/tests/fuzz/fuzz_replay: tests/fuzz/fuzz_replay.c $(FUZZ_SRC) $(FUZZ_OBJ) $(wildcard tests/fuzz/*.h) tests/snapshot/snapshot_samples.h $(LIBS)
	$(CC) $(FUZZ_CFLAGS) -o $@ $(filter %.c %.o,$^) $(B)/libsbxc.a $(B)/libsbx-host.a $(B)/libsbx.a $(SANFLAGS) $(if $(FUZZ),-fsanitize=fuzzer-no-link) -lm
tools: $(B)/tests/fuzz/fuzz_replay
$(FUZZ_TARGETS:%=build/clang/fuzz/tests/fuzz/fuzz_%): build/clang/fuzz/tests/fuzz/fuzz_%: tests/fuzz/fuzz_%.c tests/fuzz/fuzz_entry.c $(wildcard tests/fuzz/*.h) $(LIBS)
	@mkdir -p $(@D)
	$(CC) $(FUZZ_CFLAGS) -DFUZZ_TARGET=fuzz_$* -fsanitize=fuzzer -o $@ $(filter %.c %.o,$^) $(B)/libsbxc.a $(B)/libsbx-host.a $(B)/libsbx.a -lm
build/clang/fuzz/tests/fuzz/fuzz_snapshot: tests/snapshot/snapshot_samples.c $(FUZZ_OBJ) build/clang/fuzz/tests/fuzz/fuzz_replay
fuzz-programs: $(FUZZ_TARGETS:%=build/clang/fuzz/tests/fuzz/fuzz_%)

# make fuzz-front TIME=3600: what is found new is kept under build/, a finding as well.
TIME ?= 600
$(FUZZ_TARGETS:%=fuzz-%): fuzz-%:
	$(MAKE) FUZZ=1 build/clang/fuzz/tests/fuzz/fuzz_$*
	$(PYTHON) tests/fuzz/fuzz_run.py $* $(TIME)
fuzz-boundary: fuzz-json fuzz-wire

# What is measured of the runtime: programs that sbxc compiles, and a state machine written by hand.
$(B)/tests/bench/bench_programs.c: tests/bench/bench_programs.py $(B)/sbxc
	@mkdir -p $(@D)
	$(B)/sbxc $< -o $@
$(B)/tests/bench/bench_runs: tests/bench/bench_runs.c tests/bench/switch_machine.c $(B)/tests/bench/bench_programs.c $(LIBS)
	$(CC) -std=c11 -O2 -DSBX_NO_MAIN -D_GNU_SOURCE -Iruntime/include -I$(B)/tests/bench -Itests/bench -o $@ \
		tests/bench/bench_runs.c tests/bench/switch_machine.c $(B)/tests/bench/bench_programs.c $(B)/libsbx.a $(SANFLAGS) -lm
$(B)/tests/bench/bench_journal: tests/bench/bench_journal.c $(B)/tests/bench/bench_programs.c $(LIBS)
	$(CC) -std=c11 -O2 -DSBX_NO_MAIN -D_GNU_SOURCE -Iruntime/include -I$(B)/tests/bench -o $@ \
		tests/bench/bench_journal.c $(B)/tests/bench/bench_programs.c $(B)/libsbx-host.a $(B)/libsbx.a $(SANFLAGS) -lm
$(B)/tests/bench/bench_parse: tests/bench/bench_parse.c $(LIBS)
	@mkdir -p $(@D)
	$(CC) $(BASE) -Igen -Iruntime/include -o $@ $< $(B)/libsbxc.a $(B)/libsbx.a $(SANFLAGS) -lm
BENCH_BIN = $(B)/tests/bench/bench_runs $(B)/tests/bench/bench_parse $(B)/tests/bench/bench_journal

# The whole suite: this build, then a build with sanitizers and one of clang for the suites that are marked so.
test: all unit tools
	$(MAKE) SAN=address,undefined all unit tools
	$(MAKE) CC=clang all unit tools
	$(PYTHON) tests/run --build $(B) --also san=$(B)/san --also clang=$(B)/clang
test-fast: all unit tools
	$(PYTHON) tests/run --build $(B)
# Killed at every write of the journal: the programs of tests/lang and examples/, and one with local workers.
kill-sweep: all tools
	SBX_BUILD=$(abspath $(B)) $(PYTHON) tests/journal/sweep.py --every 1
	SBX_BUILD=$(abspath $(B)) $(PYTHON) tests/journal/sweep.py --every 1 --threads
	EVERY=1 $(PYTHON) tests/journal/run.py $(B)
	DAMAGE=5000 $(PYTHON) tests/journal/damage.py $(B)
# Ten thousand orchestrations of the example service, which is killed twenty-five times.
service-kills: all
	$(PYTHON) tests/embed/run.py $(B) 10000 25
# A hundred thousand mutated snapshots under the address sanitizer.
fuzz-snapshots:
	$(MAKE) SAN=address,undefined all
	MUTATIONS=25000 $(PYTHON) tests/snapshot/run.py build/san

# Random programs against CPython, without end or COUNT=n of them; what differs is made small and kept in $(B)/fuzz-lang.
fuzz-lang: all $(B)/tests/generated/random_host
	$(PYTHON) tests/generated/fuzz_lang.py --build $(B) --out $(B)/fuzz-lang --seed $(or $(SEED),$(shell date +%s)) $(if $(COUNT),--count $(COUNT)) \
		$(if $(FUZZ_CC),--compiler $(FUZZ_CC)) $(if $(OPT),--opt="$(OPT)") $(if $(TINY),--tiny) --stop-after $(or $(STOP_AFTER),1000) $(FUZZ)
# Each allocation of each program of tests/lang fails once; CI takes a sample.
fault: all
	SBX_BUILD=$(abspath $(B)) $(PYTHON) tests/fault/run.py --most 0
# Hostile programs with inputs of full size.
limits: all
	SBX_BUILD=$(abspath $(B)) $(PYTHON) tests/limits/run.py --full
# The suites that run under the sanitizers, in a heap whose blocks always move.
test-move:
	$(MAKE) SAN=address,undefined MOVE=1 all unit tools
	$(PYTHON) tests/run --build build/san/move unit $$(sed -n 's/^\([a-z-]*\),.*san.*/\1/p' tests/suites)
lint:
	scripts/lint --list
bench: all $(BENCH_BIN)
	$(PYTHON) tests/bench/bench.py --build $(B)

# Peers of the benchmarks that come from npm; no dependencies of anything else.
bench-peers:
	@mkdir -p $(B)/peers
	npm install --prefix $(B)/peers --no-audit --no-fund @pydantic/monty@0.0.18

bless: all tools
	SBX_BUILD=$(abspath $(B)) $(PYTHON) tests/golden/run.py --bless
	-SBX_BUILD=$(abspath $(B)) $(PYTHON) tests/docs/run.py --bless

# The pages that are made from the sources; a test compares them.
docs: all
	SBX_BUILD=$(abspath $(B)) $(PYTHON) scripts/diagnostics_doc.py

# ---- installing ----

LIB = $(DESTDIR)$(PREFIX)/lib
INCLUDE = $(DESTDIR)$(PREFIX)/include
MAN = $(DESTDIR)$(PREFIX)/share/man
# sbxc.h and what it includes
COMPILER_HEADERS = gen/sbxc.h gen/diag.h gen/diag.def gen/source.h gen/arena.h
LIB_NAMES = libsbx libsbx-host libsbxc

# name, description, Requires, Libs, Libs.private, what follows -I${includedir}
define PC
prefix=$(PREFIX)
includedir=$${prefix}/include
libdir=$${prefix}/lib

Name: $(1)
Description: $(2)
Version: $(VERSION)
Requires: $(3)
Cflags: -I$${includedir}$(6) -ffp-contract=off
Libs: -L$${libdir} $(4)
Libs.private: $(5)
endef
# They name PREFIX, which may be another one each time.
$(B)/sbx.pc: FORCE
	@mkdir -p $(@D)
	$(file >$@,$(call PC,sbx,hosts orchestrations compiled by sbxc,,-lsbx,-lm,))
$(B)/sbx-host.pc: FORCE
	@mkdir -p $(@D)
	$(file >$@,$(call PC,sbx-host,local workers$(comma) containers$(comma) journal and command line for programs compiled by sbxc,sbx,-lsbx-host,-ldl -lm,))
$(B)/sbxc.pc: FORCE
	@mkdir -p $(@D)
	$(file >$@,$(call PC,sbxc,the compiler of Flyte orchestrators as a library,sbx,-lsbxc,-lm,/sbxc))
comma := ,

# The manual pages of the libraries are their headers.
$(B)/man/lib%.3: runtime/include/%.h scripts/header_man.py
	@mkdir -p $(@D)
	$(PYTHON) scripts/header_man.py $< $(VERSION) >$@
MAN3 = $(B)/man/libsbx.3 $(B)/man/libsbx-host.3
all: $(MAN3)

install: all $(SHARED_LIBS) $(B)/sbx.pc $(B)/sbx-host.pc $(B)/sbxc.pc
	install -d $(DESTDIR)$(PREFIX)/bin $(LIB)/pkgconfig $(INCLUDE)/sbxc $(MAN)/man1 $(MAN)/man3
	install -m 755 $(B)/sbxc $(DESTDIR)$(PREFIX)/bin/
	install -m 644 $(LIBS) $(LIB)/
	install -m 755 $(SHARED_LIBS) $(LIB)/
	for name in $(LIB_NAMES); do ln -sf $$name.so.$(VERSION) $(LIB)/$$name.so.$(SONAME) && ln -sf $$name.so.$(SONAME) $(LIB)/$$name.so || exit 1; done
	install -m 644 runtime/include/*.h runtime/include/*.def $(INCLUDE)/
	install -m 644 $(COMPILER_HEADERS) $(INCLUDE)/sbxc/
	install -m 644 $(B)/sbx.pc $(B)/sbx-host.pc $(B)/sbxc.pc $(LIB)/pkgconfig/
	install -m 644 docs/man/sbxc.1 $(MAN)/man1/
	install -m 644 $(MAN3) $(MAN)/man3/
	$(if $(DESTDIR),,$(if $(filter /usr /usr/local,$(PREFIX)),-ldconfig))
uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/sbxc $(foreach name,$(LIB_NAMES),$(LIB)/$(name).a $(LIB)/$(name).so $(LIB)/$(name).so.$(SONAME) $(LIB)/$(name).so.$(VERSION)) \
		$(addprefix $(LIB)/pkgconfig/,sbx.pc sbx-host.pc sbxc.pc) $(addprefix $(INCLUDE)/,$(notdir $(wildcard runtime/include/*.h runtime/include/*.def))) \
		$(MAN)/man1/sbxc.1 $(addprefix $(MAN)/man3/,$(notdir $(MAN3)))
	rm -rf $(INCLUDE)/sbxc

# A tarball for those who have neither re2c nor lemon: what is in git, and what these two make of it.
DIST = sbxc-$(VERSION)
dist: $(B)/gen/lexer.c $(B)/gen/python.c $(B)/gen/python.h
	rm -rf $(B)/dist && mkdir -p $(B)/dist/$(DIST)/generated
	git ls-files -z | tar --null -T - -cf - | tar -xf - -C $(B)/dist/$(DIST)
	cp $^ $(B)/dist/$(DIST)/generated/
	tar --sort=name --owner=0 --group=0 --numeric-owner --mtime=@$$(git log -1 --format=%ct) -C $(B)/dist -cf - $(DIST) | gzip -n >$(B)/$(DIST).tar.gz
	@echo $(B)/$(DIST).tar.gz

help:
	@echo 'all          build/sbxc and the libraries (default)'
	@echo 'test         the whole suite; ends with "N passed, N failed"'
	@echo 'test-fast    the same without the sanitizer and clang builds'
	@echo 'kill-sweep   runs are killed at every write of their journals and resumed; 5,000 damaged journals'
	@echo 'simulate     1,000 simulated services of 10,000 runs; SEED= SEEDS= RUNS='
	@echo 'service-kills  the example service is killed 25 times with 10,000 runs in flight'
	@echo 'fuzz-snapshots  100,000 mutated snapshots under ASan'
	@echo 'fuzz-lang    random programs against CPython without end; COUNT= SEED= OPT=-O2 FUZZ_CC=clang TINY=1'
	@echo 'test-move    the suites under sanitizers, in a heap whose blocks always move'
	@echo 'limits       hostile programs against the limits, with inputs of full size'
	@echo 'fault        each allocation of each program of tests/lang fails once'
	@echo 'lint         the house rules, and what is long'
	@echo 'bench        the promised numbers; build/bench.json'
	@echo 'bench-peers  gets the peers that come from npm'
	@echo 'fuzz-front   libFuzzer for TIME seconds; also fuzz-compile, fuzz-machine, fuzz-snapshot, fuzz-docker, fuzz-boundary (json, wire)'
	@echo 'bless        rewrites the goldens, and what commands print in the docs'
	@echo 'docs         makes docs/diagnostics.md'
	@echo 'format       clang-format over the tree'
	@echo 'install      PREFIX=$(PREFIX) DESTDIR='
	@echo 'uninstall    removes what install has put there'
	@echo 'dist         a tarball that builds without re2c and lemon'
	@echo 'clean'
	@echo 'kills        500 runs of a sandbox with random kills'
	@echo 'clean-docker removes the Docker engine of the tests with all its images'
	@echo 'CC=clang and SAN=address,undefined build in folders of their own under build/.'

clean:
	rm -rf build
# 500 runs with random kills; the suite has 20.
kills: all
	SBX_BUILD=$(abspath $(B)) $(PYTHON) tests/docker/kills.py 500
# The engine that tests start, its images and its base image.
clean-docker:
	$(PYTHON) tests/docker/engine.py clean
format:
	clang-format -i $(filter %.c %.h,$(shell git ls-files))

-include $(wildcard $(B)/*/*.d $(B)/*/*/*.d)
