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

.PHONY: help build plugins plugin completions manual test soak demo bench compatibility opusmatrix vm-test rtsan tsan asan fuzz options format lint clean install uninstall deb deb-test tools tools-test tools-bench tools-deb tools-vm

## help: this list
help:
	@echo "aup: audio pipes. Targets:"
	@sed -n 's/^## \([-a-z]*\): /\1\t/p' $(firstword $(MAKEFILE_LIST)) | while IFS=$$'\t' read -r name what; do \
	    printf '  make %-13s %s\n' "$$name" "$$what"; done

## build: the release binary with a static Swift runtime, .build/release/aup, and the plugins
build: tools plugins
	@packaging/build-facts.sh env -u CC $(SWIFT) build $(RELEASE)
	@echo "built $(AUP)"

plugins: tools
	@$(MAKE) --no-print-directory -C plugins

## plugin: begins a plugin from the template: make plugin NAME=tremolo
plugin:
	@$(MAKE) --no-print-directory -C plugins new NAME='$(NAME)'

## completions: writes the files in completions/ anew, from the definitions of the commands
completions: build
	@mkdir -p completions
	$(AUP) completions bash > completions/aup.bash
	$(AUP) completions zsh > completions/_aup
	$(AUP) completions fish > completions/aup.fish

## manual: writes the parts of manual pages anew that stand in docs/ and in plugins/aup_plugin.h
manual:
	man/parts.py

## test: installs what the tests need, builds, runs every test; the last line is the runner's count
test: tools-test plugins
	$(SWIFTLY) test --disable-xctest

## soak: the tests that make test runs in short form, in full, and a week of sound through the meter
soak: tools-test plugins build
	AUP_SOAK=1 $(SWIFTLY) test --disable-xctest
	Tests/Bench/week.py

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

## vm-test: cards that are plugged in and pulled out under Debian's kernel in qemu, writes the table in docs/devices.md
vm-test: tools-vm build
	Tests/VirtualMachine/run.py

## rtsan: the audio thread under RealtimeSanitizer
rtsan: tools-test plugins
	Tests/Sanitizers/rtsan.sh AupEngineTests

## tsan: the rings and the read-ahead buffer under ThreadSanitizer
tsan: tools
	Tests/Sanitizers/tsan.sh

## asan: the tests under AddressSanitizer
asan: tools-test plugins
	Tests/Sanitizers/asan.sh

## fuzz: random packets into the decoder, seeded by the vectors of docs/wire.md, into RTP, RTCP and SDP, and random Ogg Opus into its reader, and random answers of HTTP servers
fuzz: tools-test
	Tests/Fuzzing/run.sh 600
	Tests/Fuzzing/opus.sh 600
	Tests/Fuzzing/http.sh 600

## options: writes the list of options that configurations may name, and the pages of --help, after a command got another one
options: tools-test
	$(SWIFTLY) build --product aup
	.ci/options .build/debug/aup

## format: writes every source as the house writes
format: tools
	$(SWIFTLY) format --in-place --recursive --parallel $(SOURCES)

## lint: says where a source is written otherwise
lint: tools
	$(SWIFTLY) format lint --strict --recursive --parallel $(SOURCES)

## install: aup, its plugins, aup_plugin.h, manual, completions and examples under PREFIX (/usr/local); DESTDIR in front of it
install: build
	@PREFIX='$(PREFIX)' DESTDIR='$(DESTDIR)' AUP='$(AUP)' packaging/install.sh install

## uninstall: removes what install put under PREFIX, and nothing else
uninstall:
	@PREFIX='$(PREFIX)' DESTDIR='$(DESTDIR)' packaging/install.sh uninstall

## deb: a Debian package, .build/deb/aup_VERSION_ARCHITECTURE.deb, looked at by lintian
deb: tools-deb
	@packaging/deb.sh

## deb-test: installs that package, runs it as nobody with an empty environment, and removes it again
deb-test: deb
	@packaging/deb-test.sh

## clean: removes everything that was built
clean:
	rm -rf .build .build-*
	@$(MAKE) --no-print-directory -C plugins clean

tools:
	@.ci/tools build

tools-test:
	@.ci/tools build test

tools-deb:
	@.ci/tools build deb

tools-bench:
	@.ci/tools build test bench

tools-vm:
	@.ci/tools build vm
