# tincan: one container, built in small steps. `make` lists what can be done.
#
# Chapters are found by their folder, chapters/NN-name/: each gives the binary build/chapter-NN.
# Variants: SANITIZE=1 (address and undefined-behaviour sanitizers), LINK=dynamic, CXX=clang++,
# FUZZ=1 (clang's sanitizers and the tracing that libFuzzer steers by; what `make fuzz` builds),
# ARCH=aarch64 (cross-compiled, to run in a guest: make vm ARCH=aarch64).

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules
# One goal is built with all processors, unless -j says otherwise; several come one after the other, as typed.
ifeq ($(MAKELEVEL)$(word 2,$(MAKECMDGOALS)),0)
MAKEFLAGS += -j$(shell nproc)
endif

machine := $(shell uname -m)
ARCH ?= $(machine)
cross := $(filter-out $(machine),$(ARCH))
$(if $(filter-out aarch64 x86_64,$(cross)),$(error ARCH=$(ARCH): there is aarch64, and x86_64))
tools := $(if $(cross),$(ARCH)-linux-gnu-)
ifeq ($(origin CXX),default)
CXX := $(tools)g++
endif
AR := $(tools)ar

# V=1 shows each command as it is run.
Q := $(if $(V),,@)
say = @printf '  %-5s %s\n' '$(1)' '$(2)'

# Each variant builds in a folder of its own, so that switching costs nothing.
variant := $(if $(SANITIZE),-sanitize)$(if $(FUZZ),-fuzz)$(if $(filter dynamic,$(LINK)),-dynamic)$(if $(filter clang%,$(notdir $(CXX))),-clang)$(if $(cross),-$(ARCH))
B := build$(if $(variant),/variant$(variant))
OBJ := $(B)/obj
root := $(if $(cross),$(B),build)/root

# Small, not fast: a start is a few milliseconds of system calls and page faults, and each page of the
# program costs one. Beside -O2, as quick, and a seventh less memory (make bench).
OPT ?= -Os
# Two builds of one commit are equal, bit by bit, wherever they are made. The shell names the place as the compiler
# does, and there may be blanks in it.
WHEREVER := -ffile-prefix-map="$$PWD"=.
WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion $(if $(CI)$(WERROR),-Werror)
CPPFLAGS := -I. -Ichapters -D_GNU_SOURCE
CXXFLAGS := -std=c++20 -g1 $(WHEREVER) $(WARNINGS) -ffunction-sections -fdata-sections
LDFLAGS := -Wl,--gc-sections
ifneq ($(FUZZ),)
sanitizers := -fsanitize=address,undefined
CXXFLAGS += $(sanitizers) -fsanitize=fuzzer-no-link -fno-sanitize-recover=all -fno-omit-frame-pointer
LDFLAGS += $(sanitizers) -fsanitize=fuzzer
else ifeq ($(SANITIZE),)
# Not -static: its start files have the whole unwind table sorted again at the first throw (docs/benchmarks.md).
# And a start is at addresses of its own.
CXXFLAGS += -fPIE
LDFLAGS += $(if $(filter dynamic,$(LINK)),-pie,-static-pie)
else
CXXFLAGS += -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
LDFLAGS += -fsanitize=address,undefined
endif

# Libraries for another processor come into a directory of ours, not into the host.
sysroot := $(if $(cross),$(B)/sysroot)
foreign_includes := $(if $(cross),-isystem $(sysroot)/usr/include -isystem $(sysroot)/usr/include/$(ARCH)-linux-gnu)
foreign_libraries := $(if $(cross),-L$(sysroot)/usr/lib/$(ARCH)-linux-gnu)
CPPFLAGS += $(foreign_includes)
LDFLAGS += $(foreign_libraries)

.PHONY: help
help: ## learn: this list
	@common/help.sh $(firstword $(MAKEFILE_LIST)) '$(numbers)'

empty :=
space := $(empty) $(empty)
comma := ,

# --- what there is ---------------------------------------------------------------------------

# A folder without a README.md is a chapter under construction: make chapter-NN builds it, its own tests are made, and
# whatever asks for texts, exercises and promises of chapters, or lists them, passes it over.
numbers_in = $(sort $(foreach dir,$(1),$(firstword $(subst -, ,$(notdir $(dir))))))
numbers := $(call numbers_in,$(patsubst %/README.md,%,$(wildcard chapters/[0-9][0-9]-*/README.md)))
begun := $(filter-out $(numbers),$(call numbers_in,$(wildcard chapters/[0-9][0-9]-*)))
chapters := $(addprefix $(B)/chapter-,$(numbers))
begun_chapters := $(addprefix $(B)/chapter-,$(begun))
last := $(lastword $(numbers))
dir_of = $(firstword $(wildcard chapters/$(1)-*))

sources_in = $(wildcard $(1)/*.cpp)
objects_of = $(patsubst %.cpp,$(OBJ)/%.o,$(1))

common_objects := $(call objects_of,$(call sources_in,common))

# --- words with a number: chapter-05 ------------------------------------------------------------

# What each takes. 5 is 05; anything else is refused here, before anything is built.
with_number := chapter run debug diff test mutants lab exercise check hint watch solution grade post debian
takes_chapter = $(numbers) $(begun)
takes_run = $(numbers)
takes_debug = $(filter-out 01 02,$(numbers))
takes_diff = $(numbers)
takes_test = $(sort $(patsubst chapter-%,%,$(basename $(notdir $(wildcard tests/*.bats)))))
takes_mutants = $(sort $(notdir $(wildcard tests/mutants/[0-9][0-9])))
takes_lab = $(sort $(foreach lab,$(lab_names),$(firstword $(subst -, ,$(lab)))))
lab_names = $(basename $(notdir $(wildcard labs/[0-9][0-9]-*.md)))
takes_debian := 12 13 sid
takes_exercise = $(sort $(foreach page,$(wildcard chapters/*/exercises.md),$(firstword $(subst -, ,$(notdir $(patsubst %/,%,$(dir $(page))))))))
takes_check = $(takes_exercise)
takes_hint = $(takes_exercise)
takes_watch = $(takes_exercise)
takes_solution = $(takes_exercise)
takes_grade = $(takes_exercise)
takes_post = $(sort $(shell sed -nE 's/^Series: posts? ([0-9]+)( and ([0-9]+))?.*/\1 \3/p' chapters/*/README.md))

# same GOAL,OTHER: the one is the other.
define same
.PHONY: $(1)
$(1): $(2) ; @:
endef
refuse = $(error $(if $(2),There is no $(1)-$(2),$(1) takes a number): make $(1)-NN takes, for NN, one of $(takes_$(1)))
# settle KIND,NUMBER: is there such a one, as it stands, with a zero before it, or without?
settle = $(if $(filter $(2),$(takes_$(1)) $(if $(filter lab,$(1)),$(lab_names))),,$(if \
  $(filter 0$(2),$(takes_$(1))),$(eval $(call same,$(1)-$(2),$(1)-0$(2))),$(if \
  $(filter $(patsubst 0%,%,$(2)),$(takes_$(1))),$(eval $(call same,$(1)-$(2),$(1)-$(2:0%=%))),$(call refuse,$(1),$(2)))))
$(foreach kind,$(with_number),\
  $(if $(filter-out test mutants,$(filter $(kind),$(MAKECMDGOALS))),$(call refuse,$(kind)))\
  $(foreach goal,$(filter-out grade-class mutants-all,$(filter $(kind)-%,$(MAKECMDGOALS))),$(call settle,$(kind),$(goal:$(kind)-%=%)))\
  $(if $(filter $(kind)-,$(MAKECMDGOALS)),$(call refuse,$(kind))))

# What is no goal at all is refused as soon: a slip, a folder of that name, a number apart from its word.
goals := $(shell sed -nE 's/^([a-zA-Z_%. -]+):([^=].*)?$$/\1/p' $(firstword $(MAKEFILE_LIST)))
unknown := $(firstword $(filter-out $(goals) build/% $(B)/%,$(MAKECMDGOALS)))
apart := $(if $(filter $(unknown) 0$(unknown),$(numbers)),$(comma) but make test-$(unknown) and its like: the number is part of the word)
$(if $(unknown),$(error There is no make $(unknown)$(apart). Make alone lists what there is))

# --- first steps ------------------------------------------------------------------------------

as_root := $(if $(filter-out 0,$(shell id -u)),sudo)
# Without sudo nothing that takes root is begun; what is missing in this list is refused when it comes to it.
ifeq ($(as_root)$(shell command -v sudo),sudo)
as_root = $(error This takes root, and there is no sudo: become root (su -, and cd back here), or make vm)
takes_root := demo debian-% test test-% lab-% matrix mutants mutants-% prove faults pairs kernels bench check-% watch-% debug-% run-% \
  prove-exercises classroom-test grade-% forget-students docs-check docs-update $(if $(filter no,$(RUNS)),,docs docs-serve docs-test)
$(if $(filter-out run-01 run-02 run-1 run-2,$(filter $(takes_root),$(MAKECMDGOALS))),$(as_root))
endif

# Nothing is built for a grade of nothing.
grades := $(if $(filter grade,$(with_number)),$(filter grade-%,$(MAKECMDGOALS)))
$(if $(SUBMISSION),,$(if $(filter-out grade-class,$(grades)),\
  $(error What is to be graded? Add SUBMISSION=, a directory or an archive)))
$(if $(and $(CHAPTER),$(SUBMISSIONS)),,$(if $(filter grade-class,$(grades)),\
  $(error Which class is to be graded? Add CHAPTER= and SUBMISSIONS=, a directory)))

.PHONY: deps demo
deps: ## maintain: install the Debian packages that are missing
	@common/deps.sh

demo: deps ## learn: the main job: a container, and its isolation report beside the host's
	+@MAKE='$(MAKE)' common/build.sh $(B)/chapter-01 $(B)/chapter-$(last) build/root
	@common/demo.sh $(B) $(last)

# For these, what is missing is installed before anything is built.
install_first := $(if $(filter test vm vm-test prove,$(MAKECMDGOALS)),deps)
install_first += $(if $(cross),$(sysroot)/complete)

# A hand-out for students has none of these.
doctor_program := $(if $(wildcard tests/doctor/*.cpp),$(B)/doctor)
fault_programs := $(if $(wildcard tests/faults/*.cpp),$(B)/inject) $(if $(wildcard tests/kernels/*.cpp),$(B)/kernel-without)

.PHONY: doctor
doctor: $(B)/doctor ## learn: what this host can and cannot do, by trying, and how to mend it
	@$(if $(shell command -v sudo),$(as_root)) $(B)/doctor

# --- compiling -------------------------------------------------------------------------------

$(OBJ)/%.o: %.cpp | $(install_first)
	@mkdir -p $(@D)
	$(call say,CXX,$<)
	$(Q)$(CXX) $(CPPFLAGS) $(CXXFLAGS) $(OPT) -MMD -MP -c $< -o $@

# Tests of functions: what counts is how soon they run.
$(OBJ)/tests/unit/%.o: OPT := -O0

# What --version says, in one object: a commit compiles nothing else. The file is made anew only
# if it changes, so that `make -n` counts nothing that is not to be done (common/build.sh).
version := $(shell common/version.sh)
.PHONY: always
ifneq ($(version),$(shell cat $(B)/version 2>/dev/null))
$(B)/version: always
endif
$(B)/version:
	@mkdir -p $(@D)
	@echo '$(version)' | cmp -s - $@ || echo '$(version)' >$@
$(OBJ)/common/version.o: $(B)/version
$(OBJ)/common/version.o: CPPFLAGS += -DTINCAN_VERSION='"$(word 1,$(version))"' -DTINCAN_COMMIT='"$(word 2,$(version))"'

$(B)/lib/common.a: $(common_objects)
	@mkdir -p $(@D)
	@rm -f $@
	$(Q)$(AR) rcsD $@ $^

# A chapter: its main, its own feature, and the libraries of the chapters before it, newest first.
earlier :=
$(foreach number,$(numbers) $(begun),\
  $(eval earlier_$(number) := $(earlier))\
  $(eval earlier := $(number) $(earlier)))

LDLIBS := -lseccomp -lcap

define chapter_rules
$(B)/lib/$(1).a: $(call objects_of,$(filter-out %/main.cpp,$(call sources_in,$(call dir_of,$(1)))))
	@mkdir -p $$(@D)
	@rm -f $$@
	$(Q)$(AR) rcsD $$@ $$^

$(B)/chapter-$(1): $(OBJ)/$(call dir_of,$(1))/main.o $(B)/lib/$(1).a \
  $(foreach number,$(earlier_$(1)),$(B)/lib/$(number).a) $(B)/lib/common.a
	$(call say,LINK,$$@)
	$(Q)$(CXX) $(CXXFLAGS) $(LDFLAGS) $$^ $(LDLIBS) -o $$@
endef
$(foreach number,$(numbers) $(begun),$(eval $(call chapter_rules,$(number))))

# The judges: the probe that tries to break out and the hostile host around it. They share no code
# with what they judge, and are never sanitized: they run in roots that hold nothing else.
judge_flags := -std=c++20 -O1 -g1 $(WHEREVER) $(WARNINGS) -D_GNU_SOURCE -Itests $(foreign_includes)

$(OBJ)/judge/%.o: tests/%.cpp | $(install_first)
	@mkdir -p $(@D)
	$(call say,CXX,$<)
	$(Q)$(CXX) $(judge_flags) -MMD -MP -c $< -o $@

judge_objects = $(patsubst tests/%.cpp,$(OBJ)/judge/%.o,$(call sources_in,$(1)))
$(B)/probe: $(call judge_objects,tests/probe)
	$(call say,LINK,$@)
	$(Q)$(CXX) -static $^ -o $@
$(B)/hostile: $(call judge_objects,tests/support/hostile)
	$(call say,LINK,$@)
	$(Q)$(CXX) -static $^ -o $@

$(B)/inject: $(call judge_objects,tests/faults)
	$(call say,LINK,$@)
	$(Q)$(CXX) -static $(foreign_libraries) $^ -lseccomp -o $@
$(B)/kernel-without: $(call judge_objects,tests/kernels)
	$(call say,LINK,$@)
	$(Q)$(CXX) -static $^ -o $@

# What starts are measured with, and against: a stopwatch, the kernel's own share, a command that
# needs no C library.
$(B)/bench/%: $(OBJ)/judge/bench/%.o
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CXX) -static $(if $(filter tiny,$*),-nostdlib) $^ -o $@
$(OBJ)/judge/bench/tiny.o: judge_flags += -ffreestanding -fno-stack-protector -fno-exceptions
bench_programs := $(if $(wildcard tests/bench/*.cpp),$(addprefix $(B)/bench/,measure floor tiny))
.SECONDARY: $(patsubst $(B)/%,$(OBJ)/judge/%.o,$(bench_programs))

# Unit tests, for what a probe cannot reach: parsers first.
$(B)/unit-tests: LDFLAGS := $(filter-out -static-pie,$(LDFLAGS)) -pie
$(B)/unit-tests: $(call objects_of,$(call sources_in,tests/unit)) \
  $(foreach number,$(earlier),$(B)/lib/$(number).a) $(B)/lib/common.a
	$(call say,LINK,$@)
	$(Q)$(CXX) $(CXXFLAGS) $(LDFLAGS) $^ -lgtest_main -lgtest $(LDLIBS) -o $@

# The interfaces that later chapters stand on, tried.
seams_program := $(if $(wildcard tests/seams/*.cpp),$(B)/seams)
$(B)/seams: $(call objects_of,$(call sources_in,tests/seams)) \
  $(foreach number,$(earlier),$(B)/lib/$(number).a) $(B)/lib/common.a
	$(call say,LINK,$@)
	$(Q)$(CXX) $(CXXFLAGS) $(LDFLAGS) $^ $(LDLIBS) -o $@

# The doctor tries what the chapters need of the host, and says it in the launchers' own words.
$(OBJ)/tests/doctor/%.o: CPPFLAGS += -Itests
$(B)/doctor: $(call objects_of,$(call sources_in,tests/doctor)) $(foreach number,$(earlier),$(B)/lib/$(number).a) $(B)/lib/common.a
	$(call say,LINK,$@)
	$(Q)$(CXX) $(CXXFLAGS) $(LDFLAGS) $^ $(LDLIBS) -o $@

$(root): common/make-root.sh | $(install_first)
	$(call say,ROOT,$@)
	$(Q)$(if $(cross),BUSYBOX=$(sysroot)/bin/busybox) $< $@

ifneq ($(cross),)
$(sysroot)/complete: common/make-sysroot.sh
	$(call say,ARCH,$(sysroot))
	$(Q)$< $(ARCH) $(sysroot)
endif

.PHONY: all
all: $(chapters) $(begun_chapters) $(B)/probe $(B)/hostile $(doctor_program) $(fault_programs) $(seams_program) $(B)/unit-tests $(bench_programs) $(root) ## maintain: build everything

-include $(shell [ -d $(OBJ) ] && find $(OBJ) -name '*.d')

# --- one chapter -----------------------------------------------------------------------------

# A section of a chapter's README, without its heading.
section = sed -n '/^$(2)/,/^\#\# /{/^\#\# /d;/^```/d;p}' $(call dir_of,$(1))/README.md
needs_root_dir = $(if $(shell grep -l add_root_option $(call dir_of,$(1))/main.cpp),-m build/root)
# As it was typed: make must not read the $ of a shell command as its own.
override CMD := $(value CMD)
export CMD

$(addprefix chapter-,$(begun)): chapter-%: $(B)/chapter-% build/root
	@echo '$< is built; its chapter is under construction'

chapter-%: $(B)/chapter-% build/root ## learn: build a chapter and its root, say what is new
	@sed -n '1s/^# //p' $(call dir_of,$*)/README.md
	@$(call section,$*,## New) | fmt -w 79
	@printf 'Try:\n'
	@$(call section,$*,## Try) | sed '/^$$/d;s/^/  /'

# MINE=1: your own, as make check-NN has built it from work/NN-name.
programs = $(if $(MINE),build/work/$*,$(B))
run-%: $(B)/chapter-% build/root ## learn: a shell in a container, or CMD='...'; ARGS='...' for options, MINE=1 for your own program
	@common/run.sh $(programs) $* $(call needs_root_dir,$*) $(ARGS)

debug-%: $(B)/chapter-% build/root ## learn: the system calls of a start, step by step; CMD, ARGS, MINE as above
	@common/deps.sh --debug
	@common/debug.py $(programs) $* $(call needs_root_dir,$*) $(ARGS)

diff-%: ## learn: what a chapter adds to the one before
	@tests/support/diff-chapters $*

# The last chapter whose page says that it belongs to the post.
with_post = $(lastword $(sort $(shell grep -lE '^Series: .*posts?( [0-9]+ and)? 0*$(1:0%=%)\b' chapters/*/README.md | sed -E 's,chapters/([0-9]+)-.*,\1,')))

.SECONDEXPANSION:
post-%: $$(addprefix chapter-,$$(call with_post,$$*)) ## learn: the end state of a post of the series: NN is 1 to 8
	@[ -n '$^' ] || { echo 'No chapter here goes with post $*.' >&2; exit 1; }

# --- the proof -------------------------------------------------------------------------------

export TINCAN_BUILD := $(B)

.PHONY: test matrix
test: deps ## learn: every promise, attacked: all the tests
	+@MAKE='$(MAKE)' common/build.sh all
	@$(as_root) TINCAN_BUILD=$(B) tests/run $(numbers) $(filter $(begun),$(takes_test)) doctor labs bench left-behind first-hour verdicts seams

test-%: ## learn: the tests of one chapter; ONLY=REGEX picks some
	+@MAKE='$(MAKE)' common/build.sh $(chapters) $(begun_chapters) $(B)/probe $(B)/inject $(B)/hostile $(doctor_program) $(B)/unit-tests $(bench_programs) build/root
	@$(as_root) TINCAN_BUILD=$(B) $(if $(ONLY),TINCAN_FILTER='$(ONLY)') tests/run $*

lab-%: $(chapters) $(B)/probe $(B)/hostile build/root ## learn: attacks to watch: where they work, and held by the chapter
	@$(as_root) TINCAN_BUILD=$(B) tests/lab run $*

.PHONY: labs
labs: ## learn: what labs there are
	@tests/lab list

matrix: $(chapters) $(B)/probe $(B)/hostile build/root ## maintain: promises by chapters, and by other tools; DOC=1 installs those and writes docs/matrix.md; ONLY='SEC-*', STAGES='05 06'
	@$(if $(DOC),common/deps.sh --matrix)
	@$(as_root) TINCAN_BUILD=$(B) $(if $(ONLY),ONLY='$(ONLY)') tests/support/matrix $(STAGES)
	@$(if $(DOC),tests/support/matrix-page $(B))

.PHONY: mutants
mutants: all ## maintain: prove the tests: each small mistake must be noticed; FULL=1 for every forgotten line
	@common/deps.sh --mutants
	@$(as_root) FULL=$(FULL) tests/mutants/run

mutants-%: all ## maintain: those of one chapter
	@common/deps.sh --mutants
	@$(as_root) FULL=$(FULL) tests/mutants/run $*

.PHONY: prove
prove: all vm-deps compile_commands.json ## maintain: all that proves the chapters, where something changed; FULL=1 all, and writes it down; ONLY='05 mutants'
	@for what in mutants lint fuzz; do common/deps.sh --$$what; done
	@$(as_root) $(foreach name,FULL SEED,$(if $($(name)),$(name)='$($(name))')) tests/prove $(ONLY)

.PHONY: mutants-all
mutants-all: all ## maintain: a sample of all mistakes that a program can make: SAMPLE=300 SEED=n CHAPTERS='05 common', SCORE=1 writes docs/mutation.md; BUDGET=300 seconds is CI's
	@common/deps.sh --mutation
	@tests/mutation/test_sites.py
	@$(as_root) FULL=$(FULL) tests/mutation/all $(if $(SAMPLE),--sample $(SAMPLE)) $(if $(SEED),--seed $(SEED)) \
	  $(if $(CHAPTERS),--chapters '$(CHAPTERS)') $(if $(SCORE),--score) $(if $(BUDGET),--ci $(BUDGET))

.PHONY: faults pairs kernels
faults: $(B)/chapter-$(last) $(B)/probe $(B)/inject build/root ## maintain: each system call of a start fails once, or the launcher dies there
	@$(as_root) $(foreach name,FULL SEED ONLY,$(if $($(name)),$(name)='$($(name))')) unshare -m -n tests/faults/run $(B)

pairs: $(B)/chapter-$(last) $(B)/probe $(B)/hostile build/root ## maintain: options by two: good together, or refused; FULL=1 for all, ONLY=REGEX for some
	@$(as_root) $(foreach name,FULL SEED ONLY,$(if $($(name)),$(name)='$($(name))')) $(B)/hostile -- $$(command -v python3) tests/pairs/run $(B)

kernels: $(chapters) $(B)/probe $(B)/hostile $(B)/kernel-without build/root ## maintain: promises on kernels that lack something
	@$(as_root) TINCAN_BUILD=$(B) FULL=$(FULL) tests/kernels/run

# Only under FUZZ=1: one program for each parser of text that somebody else writes.
fuzz_targets := $(patsubst tests/fuzz/%.cpp,$(B)/fuzz/%,$(filter-out %/entry.cpp,$(call sources_in,tests/fuzz)))
$(B)/fuzz/%: $(OBJ)/tests/fuzz/%.o $(OBJ)/tests/fuzz/entry.o \
  $(foreach number,$(earlier),$(B)/lib/$(number).a) $(B)/lib/common.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CXX) $(CXXFLAGS) $(LDFLAGS) $^ $(LDLIBS) -o $@

.PHONY: fuzz fuzz-targets
.SECONDARY: $(call objects_of,$(call sources_in,tests/fuzz))
fuzz-targets: $(fuzz_targets)
fuzz: ## maintain: libFuzzer at every parser of foreign text, FUZZ_SECONDS=60 in all
	@common/deps.sh --fuzz
	@$(MAKE) --no-print-directory FUZZ=1 CXX=clang++ fuzz-targets
	@tests/fuzz/run build/variant-fuzz-clang/fuzz

.PHONY: bench
bench: $(chapters) $(bench_programs) build/root ## maintain: how long a start takes, beside bwrap, crun and runc; ARGS=--json, ARGS=--write for the page
	@common/deps.sh --bench
	@$(as_root) tests/bench/run $(B) $(ARGS)

# --- exercises: docs/instructor.md ---------------------------------------------------------------

classroom_needs := $(chapters) $(B)/probe $(B)/hostile $(doctor_program) build/root

exercise-%: ## exercise: chapter NN with holes, in work/NN-name; what is there stays
	@classroom/student exercise $*
	@$(MAKE) -s --no-print-directory compile_commands.json

check-%: $(classroom_needs) ## exercise: what holds of your work so far, and what the first failure means
	@classroom/student check $* || true

hint-%: ## exercise: the next hint, for what fails
	@classroom/student hint $*

watch-%: $(classroom_needs) ## exercise: check again whenever you save
	@classroom/student watch $*

solution-%: ## exercise: the solution of one exercise, once it holds: ID=name
	@$(if $(SHOW),SHOW=$(SHOW)) classroom/student solution $* '$(ID)'

.PHONY: progress
progress: ## exercise: a bar for each chapter
	@classroom/student progress

.PHONY: prove-exercises handout grade-class
prove-exercises: all ## teach: prove them: stubs fail what they should, solutions pass, no solution is handed out
	@common/deps.sh --mutants
	@$(as_root) classroom/prove $(subst $(comma),$(space),$(CHAPTERS))

# The guest's part takes minutes where the processor is emulated.
.PHONY: classroom-test
classroom-test: all vm-deps ## teach: grade a class of honest and hostile submissions, in containers and in a guest
	@common/deps.sh --mutants
	@$(as_root) tests/classroom/run

handout: ## teach: a repository for students: DIR=... CHAPTERS=03-07
	@classroom/handout '$(DIR)' '$(CHAPTERS)'

# A place to try them: a guest, or with HOST=1 a container of ours, for submissions of friends only.
grading = @common/deps.sh --mutants && $(as_root) $(if $(HOST),HOST=$(HOST)) classroom/grade
grading_needs := $(classroom_needs) $(if $(HOST),,vm-deps)

grade-%: $(grading_needs) ## teach: grade one submission: SUBMISSION=dir or archive; HOST=1 without a guest
	$(grading) one $* '$(SUBMISSION)' $(if $(REPORT),--report '$(REPORT)')

# ROSTER=csv OVERRIDES=csv ONLY=student: docs/instructor.md.
grade-class: $(grading_needs) ## teach: grade a class: CHAPTER=05 SUBMISSIONS=dir CSV=grades.csv JOBS=2 EXPORT=dir
	$(grading) class '$(CHAPTER)' '$(SUBMISSIONS)' $(if $(CSV),--csv '$(CSV)') --jobs $(or $(JOBS),1) \
	  $(if $(EXPORT),--export '$(EXPORT)') $(if $(REPORT),--report '$(REPORT)') $(if $(ROSTER),--roster '$(ROSTER)') \
	  $(if $(OVERRIDES),--overrides '$(OVERRIDES)') $(if $(ONLY),--only '$(ONLY)')

.PHONY: forget-students
forget-students: ## teach: delete the reports and what is kept of students; CHAPTER=05 ONLY=student REPORT=dir
	@$(as_root) classroom/grade forget '$(or $(CHAPTER),all)' $(if $(REPORT),--report '$(REPORT)') $(if $(ONLY),--only '$(ONLY)')

# Of a class that was graded; without SUBMISSIONS one that only receives.
.PHONY: gradescope
gradescope: ## teach: a package for Gradescope: CHAPTER=05 SUBMISSIONS=dir [REPORT=dir] [ZIP=file]
	@mkdir -p build/gradescope && classroom/gradescope/pack '$(CHAPTER)' '$(or $(ZIP),build/gradescope/$(CHAPTER).zip)' \
	  $(if $(SUBMISSIONS),'$(SUBMISSIONS)' '$(or $(REPORT),build/grades/$(CHAPTER))')

# --- a guest with its own kernel ----------------------------------------------------------------

# ARCH=aarch64, KERNEL=6.1 choose another one. VM_MEM, VM_CPUS, VM_TIMEOUT: tests/vm/run.
export ARCH KERNEL FULL

.PHONY: vm-deps vm vm-test vm-session
vm-deps:
	@common/deps.sh --vm

vm: vm-deps all ## learn: a shell in a throw-away guest with its own kernel; CMD='...' runs one command
	@tests/vm/run $${CMD:+"$$CMD"}

vm-test: vm-deps all ## maintain: the tests in such guests, as root and as an ordinary user; FULL=1 all, KERNEL=6.1
	@tests/vm/test

vm-session: vm-deps all ## maintain: root's limits and an ordinary user's, in a guest with systemd, and a systemd of his
	@tests/vm/session

debian-%: ## maintain: all of it in a minimal root: debian-12, -13, -sid
	@common/deps.sh --debian
	@$(as_root) tests/on-debian $*

# --- the house -------------------------------------------------------------------------------

.PHONY: docs-check docs-update
docs-check: $(chapters) $(B)/probe build/root ## maintain: the texts held against the code, their commands run
	@common/deps.sh --lint && common/deps.sh --debug
	@tests/docs-check-test
	@site/draw-staircase --check && site/draw-houses --check && site/series --check && tests/support/matrix-page --check && site/check-drawings
	@python3 site/proofs.py
	@$(as_root) tests/calculators/kernel
	@$(as_root) tests/docs-check

docs-update: $(chapters) $(B)/probe build/root ## maintain: mend what docs-check would complain about
	@common/deps.sh --lint && common/deps.sh --debug
	@$(as_root) tests/docs-check --update

# --- the site --------------------------------------------------------------------------------

# The pages are laid out in build/site, what VitePress makes of them is build/docs. Recordings and the results
# of labs are made from real runs, one at a time, which takes root; RUNS=no does without.
site := build/site
recordings := $(patsubst site/recordings/%.txt,$(site)/public/casts/%.cast,$(wildcard site/recordings/*.txt))
lab_results := $(patsubst labs/%.md,$(site)/labs-results/%.txt,$(wildcard labs/[0-9][0-9]-*.md))
runs := $(if $(filter no,$(RUNS)),,$(recordings) $(lab_results))

$(site)/node_modules/.package-lock.json: site/package.json site/package-lock.json
	@common/deps.sh --docs
	@mkdir -p $(site)
	@cp $^ $(site)
	$(call say,NPM,$(site)/node_modules)
	$(Q)cd $(site) && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

$(site)/public/casts/%.cast: site/recordings/%.txt site/record $(chapters) build/root
	@mkdir -p $(@D)
	$(call say,CAST,$<)
	$(Q)$(as_root) flock $(site) site/record $< >$@

$(site)/labs-results/%.txt: labs/%.md $(chapters) $(B)/probe $(B)/hostile build/root
	@mkdir -p $(@D)
	$(call say,LAB,$<)
	$(Q)$(as_root) TINCAN_BUILD=$(B) flock $(site) tests/lab each $* >$@

# What the filter stepper walks through: every policy's program, for both architectures.
$(B)/filters: $(call objects_of,$(call sources_in,tests/filters)) $(foreach number,$(earlier),$(B)/lib/$(number).a) $(B)/lib/common.a
	$(call say,LINK,$@)
	$(Q)$(CXX) $(CXXFLAGS) $(LDFLAGS) $^ $(LDLIBS) -o $@
$(B)/filters.txt: $(B)/filters
	$(Q)$< >$@

# Where others can have the code: what the site's `git clone` says, and its link. A fork names itself.
REPOSITORY ?= $(shell git remote get-url origin 2>/dev/null)

.PHONY: docs docs-serve docs-test docs-lint drawings book book-test
drawings: ## maintain: the staircase and the matrix, from the promises, and the houses: drawn again
	@site/draw-staircase
	@site/draw-houses
	@tests/support/matrix-page

docs: $(site)/node_modules/.package-lock.json $(runs) $(B)/filters.txt ## maintain: the site, in build/docs; RUNS=no without recordings
	@REPOSITORY='$(REPOSITORY)' site/pages $(site) $(B)/filters.txt
	@cd $(site) && node_modules/.bin/vitepress build . --logLevel warn

docs-serve: docs ## maintain: the site, on http://localhost:8080
	@cd $(site) && node_modules/.bin/vitepress preview . --port 8080

docs-test: docs $(B)/chapter-08 book-test ## maintain: the site in a browser: every page, on a desk and on a phone; and some of the book
	@common/deps.sh --docs-test
	@FILTERS=$(B)/filters.txt node --test site/test-calculators.mjs site/test-filter.mjs
	@node site/test.mjs build/docs

book: ## maintain: the whole book as a PDF, build/tincan.pdf, with contents and an index
	@common/deps.sh --book
	@site/book build/tincan.pdf

# A part of it has the same form, and takes ten seconds of the minute.
book-test: ## maintain: are its contents, its index and its margins right? FULL=1 of the whole book
	@common/deps.sh --book
	@site/book build/book-test.pdf $(if $(FULL),,05-mounts 05-double-chroot syscalls matrix)
	@site/book-test build/book-test.pdf

docs-lint: $(site)/node_modules/.package-lock.json ## maintain: markdownlint on every text
	@$(site)/node_modules/.bin/markdownlint-cli2 --config site/.markdownlint-cli2.jsonc 'docs/*.md' 'chapters/*/*.md' 'labs/*.md' '*.md'

.PHONY: lint format dist dist-test clean
lint: compile_commands.json ## maintain: house rules: format, clang-tidy (TIDY=no: without), banned calls, proofs, shell, words
	@common/deps.sh --lint
	@tests/lint $(if $(filter no,$(TIDY)),--no-tidy)

format: ## maintain: mend what clang-format and shfmt would complain about
	@common/deps.sh --lint
	@tests/lint --fix

dist: ## maintain: the archive of the last commit, the same bit by bit whoever makes it: build/tincan-VERSION.tar.gz
	@mkdir -p build
	@git archive --prefix=tincan-$(firstword $(version))/ HEAD | gzip -n9 >build/tincan-$(firstword $(version)).tar.gz
	@echo build/tincan-$(firstword $(version)).tar.gz

dist-test: ## maintain: an archive, built twice in two places, gives the same programs
	@tests/dist

clean: ## maintain: remove everything that was built
	rm -rf build compile_commands.json

# For editors and clang-tidy: one entry a source file.
compile_commands.json: Makefile $(wildcard chapters/*/*.cpp common/*.cpp tests/*/*.cpp tests/support/hostile/*.cpp work/*/*.cpp)
	@{ echo '['; separator=; \
	  for file in $(filter %.cpp,$^); do \
	    case $$file in tests/probe/* | tests/classroom/* | tests/support/* | tests/faults/* | tests/kernels/* | tests/bench/*) flags='$(subst $(WHEREVER),,$(judge_flags))' ;; tests/doctor/*) flags='$(CPPFLAGS) -Itests $(subst $(WHEREVER),,$(CXXFLAGS))' ;; *) flags='$(CPPFLAGS) $(subst $(WHEREVER),,$(CXXFLAGS))' ;; esac; \
	    printf '%s{"directory": "%s", "file": "%s", "command": "%s %s -c %s"}\n' \
	      "$$separator" "$(CURDIR)" "$$file" "$(CXX)" "$$flags" "$$file"; \
	    separator=,; \
	  done; echo ']'; } >$@
