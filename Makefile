# aup: audio pipes. `make` lists the targets.
SHELL := /bin/bash
PREFIX ?= /usr/local
DESTDIR ?=
SWIFT ?= swift
export SWIFT
# Swift brings its own clang, which the C targets need; a CC from outside would replace it.
SWIFTLY = env -u CC $(SWIFT)

# What `swift build` needs beyond the package itself: no Foundation, no runtime beside the binary.
RELEASE = -c release --static-swift-stdlib --product aup
AUP = .build/release/aup
SOURCES = Package.swift Sources Tests $(wildcard plugins) $(wildcard examples)

.PHONY: help build plugins plugin test soak demo bench compatibility opusmatrix rtsan tsan asan fuzz format lint clean install tools tools-test tools-bench

## help: this list
help:
	@echo "aup: audio pipes. Targets:"
	@sed -n 's/^## \([a-z]*\): /\1\t/p' $(firstword $(MAKEFILE_LIST)) | while IFS=$$'\t' read -r name what; do \
	    printf '  make %-13s %s\n' "$$name" "$$what"; done

## build: the release binary with a static Swift runtime, .build/release/aup, and the plugins
build: tools plugins
	$(SWIFTLY) build $(RELEASE)
	@echo "built $(AUP)"

plugins: tools
	@$(MAKE) --no-print-directory -C plugins

## plugin: begins a plugin from the template: make plugin NAME=tremolo
plugin:
	@$(MAKE) --no-print-directory -C plugins new NAME='$(NAME)'

## test: installs what the tests need, builds, runs every test; the last line is the runner's count
test: tools-test plugins
	$(SWIFTLY) test --disable-xctest

## soak: the tests that make test runs in short form, in full
soak: tools-test plugins
	AUP_SOAK=1 $(SWIFTLY) test --disable-xctest

## demo: the main pipeline on real input: the default ALSA device if there is one, else sim:
demo: build
	examples/demo.sh

## bench: speed, latency and memory beside the programs people use today
bench: tools-bench build
	Tests/Bench/run.sh

## compatibility: installs every LADSPA, LV2 and CLAP package of Debian 12, runs each plugin, writes the table in docs
compatibility: build
	Tests/Compatibility/run.py

## opusmatrix: Ogg Opus files of aup's through every decoder that is there, writes the table in docs
opusmatrix: tools-test build
	Tests/Compatibility/opus_matrix.py

## rtsan: the audio thread under RealtimeSanitizer
rtsan: tools-test plugins
	Tests/Sanitizers/rtsan.sh AupEngineTests

## tsan: the rings and the read-ahead buffer under ThreadSanitizer
tsan: tools
	Tests/Sanitizers/tsan.sh

## asan: the tests under AddressSanitizer
asan: tools-test plugins
	Tests/Sanitizers/asan.sh

## fuzz: random packets into the decoder, seeded by the vectors of docs/wire.md, into RTP, RTCP and SDP, and random Ogg Opus into its reader
fuzz: tools-test
	Tests/Fuzzing/run.sh 600
	Tests/Fuzzing/opus.sh 600

## format: writes every source as the house writes
format: tools
	$(SWIFTLY) format --in-place --recursive --parallel $(SOURCES)

## lint: says where a source is written otherwise
lint: tools
	$(SWIFTLY) format lint --strict --recursive --parallel $(SOURCES)

## install: aup, its plugins, aup_plugin.h and the manual under PREFIX (/usr/local); DESTDIR is put in front
install: build
	install -D -m 755 $(AUP) $(DESTDIR)$(PREFIX)/bin/aup
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/man/man1 man/*.1
	@$(MAKE) --no-print-directory -C plugins install PREFIX='$(PREFIX)' DESTDIR='$(DESTDIR)'

## clean: removes everything that was built
clean:
	rm -rf .build .build-*
	@$(MAKE) --no-print-directory -C plugins clean

tools:
	@.ci/tools build

tools-test:
	@.ci/tools build test

tools-bench:
	@.ci/tools build test bench
