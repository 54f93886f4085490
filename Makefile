# Berth. `make demo` shows what it does, `make test` checks that it does it.

SWIFT ?= swift
# The binary has no symbols and no tables for unwinding: BUILD_FLAGS=--static-swift-stdlib keeps
# both, for a profiler.
BUILD_FLAGS ?= --static-swift-stdlib -Xlinker -s $$(SWIFT=$(SWIFT) Scripts/link-options.sh)
BERTH := .build/release/berth
PREFIX ?= /usr/local
LIVE_QEMU := $(if $(QEMU),--qemu '$(QEMU)')

.PHONY: all build libraries demo test unit-test sanitize document-test peer-test live-test fault-test \
    install-test examples manual documentation fuzz damage size bench bench-micro format lint install clean toolchain

all: build

toolchain:
	@command -v $(SWIFT) >/dev/null 2>&1 || { \
	    echo "missing: Swift 6.2 or newer (https://www.swift.org/install)" >&2; exit 1; }

libraries:
	@Scripts/need.sh zlib.h=zlib1g-dev zstd.h=libzstd-dev lzma.h=liblzma-dev \
	    bzlib.h=libbz2-dev sha2.h=libmd-dev

## The release binary, self-contained, at .build/release/berth
build: toolchain libraries
	$(SWIFT) build -c release --product berth $(BUILD_FLAGS) \
	    $$(Scripts/static-libraries.sh .build/static-libraries)

## Encodes, looks at and decodes a real stream
demo: build
	@Scripts/demo.sh $(BERTH) Samples/pc-i440fx-7.2.mig

## Everything: format, unit tests with sanitizers, stock ASN.1 tools on our files, unmodified QEMU
test: lint sanitize bench-micro document-test peer-test fault-test live-test examples install-test size

unit-test: toolchain libraries
	@NEED_OPTIONAL=1 Scripts/need.sh gzip=gzip bzip2=bzip2 xz=xz-utils zstd=zstd lzop=lzop \
	    qemu-img=qemu-utils
	$(SWIFT) test --disable-xctest

# What the documents show is what the program prints.
document-test: build
	@Scripts/need.sh python3=python3
	python3 Tests/Docs/examples.py --berth $(BERTH) README.md docs/faq.md

# Leaks are told by the address sanitizer; undefined behaviour only concerns the targets in C. A
# program that is found wrong ends with status 99, which no test expects. Threads get deep stacks:
# frames of debug code with checks in it are some ten times larger.
SANITIZERS = ASAN_OPTIONS=exitcode=99:suppressions=$(CURDIR)/Tests/Sanitizers/address.supp \
    LSAN_OPTIONS=suppressions=$(CURDIR)/Tests/Sanitizers/leak.supp:print_suppressions=0 \
    UBSAN_OPTIONS=print_stacktrace=1 BERTH_PLAIN=$(CURDIR)/$(BERTH)

## The unit tests with the address, leak and undefined behaviour sanitizers, the program too
sanitize: build
	@NEED_OPTIONAL=1 Scripts/need.sh gzip=gzip bzip2=bzip2 xz=xz-utils zstd=zstd lzop=lzop \
	    qemu-img=qemu-utils
	ulimit -s 131072 2>/dev/null || ulimit -s "$$(ulimit -H -s)"; $(SANITIZERS) \
	    $(SWIFT) test --disable-xctest --scratch-path .build-sanitize --sanitize=address \
	    -Xcc -fsanitize=undefined -Xcc -fno-sanitize-recover=undefined

peer-test: build
	@Scripts/need.sh python3=python3
	@NEED_OPTIONAL=1 Scripts/need.sh asn1c=asn1c unber=asn1c asn1Parser=libtasn1-bin \
	    dumpasn1=dumpasn1 openssl=openssl cc=gcc
	python3 Tests/Oracle/run.py --berth $(BERTH) --fixtures Tests/Fixtures
	python3 Benchmarks/Macro/allocations.py --berth $(BERTH)

## What a system or a hostile file can do to the program
fault-test: build
	@Scripts/need.sh python3=python3 cc=gcc
	python3 Tests/Faults/run.py --berth $(BERTH) --fixtures Tests/Fixtures
	python3 Tests/Faults/hostile.py --berth $(BERTH)
	python3 Tests/Faults/limits.py --berth $(BERTH)

# QEMU=COMMAND tests another QEMU for x86 in its place.
live-test: build
	@Scripts/need.sh python3=python3
	@NEED_OPTIONAL=1 Scripts/need.sh qemu-system-x86_64=qemu-system-x86 cc=gcc \
	    qemu-img=qemu-utils qemu-system-ppc64=qemu-system-ppc \
	    powerpc64-linux-gnu-as=binutils-powerpc64-linux-gnu virsh=libvirt-clients \
	    virt-qemu-run=libvirt-daemon-driver-qemu libvirtd=libvirt-daemon \
	    lzop=lzop
	python3 Tests/Live/resume_test.py --berth $(BERTH) $(LIVE_QEMU) || [ $$? = 77 ]
	python3 Tests/Live/ways_test.py --berth $(BERTH) $(LIVE_QEMU) || [ $$? = 77 ]
	python3 Tests/Live/ways_test.py --berth $(BERTH) --way pipe --arch ppc64 || [ $$? = 77 ]
	python3 Tests/Live/edit_test.py --berth $(BERTH) $(LIVE_QEMU) || [ $$? = 77 ]
	python3 Tests/Live/libvirt_test.py --berth $(BERTH) --format raw --format gzip || [ $$? = 77 ]
	python3 Tests/Live/check_pairs.py --berth $(BERTH) || [ $$? = 77 ]
	python3 Tests/Live/relay_test.py --berth $(BERTH) || [ $$? = 77 ]
	python3 Tests/Live/memory_map_test.py --berth $(BERTH) || [ $$? = 77 ]

# What the binary may have: octets, and shared libraries of the system alone.
size: build
	@Scripts/size.sh $(BERTH)

## Berth beside its peers: BENCH="--stream LINUX.mig --analyze-migration SCRIPT --json FILE"
bench: build
	@Scripts/need.sh python3=python3 cc=gcc
	python3 Benchmarks/Macro/bench.py --berth $(BERTH) $(BENCH)

## The hot paths alone, with their allocations, held to Benchmarks/thresholds.tsv
# In the same place and with the same flags as the release binary: the libraries are built once. The
# plan of a build is kept there, too, and holds for one package alone.
bench-micro: build
	@rm -f .build/release.yaml
	$(SWIFT) build --package-path Benchmarks --scratch-path .build -c release --product berth-micro \
	    $(BUILD_FLAGS) $$(Scripts/static-libraries.sh .build/static-libraries)
	@rm -f .build/release.yaml
	.build/release/berth-micro Samples/pc-i440fx-7.2.mig Benchmarks/thresholds.tsv

## The programs in Examples/, which must build and say what their comments promise
examples: toolchain libraries
	@Tests/Examples/run.sh

## Man pages and completions of shells, in .build/manual
manual: build
	@Scripts/manual.sh $(BERTH) .build/manual

## The libraries' documentation, in .build/documentation
documentation: toolchain libraries
	@Scripts/documentation.sh .build/documentation

## What `make install` puts where
install-test: manual
	@Tests/Install/run.sh

## Hostile input with coverage: CPU minutes a target, one target or all of them in turns
MINUTES ?= 1
FUZZ_WORK ?= Fuzzing/.build/work
fuzz: build
	$(SWIFT) build --package-path Fuzzing -c release --product berth-fuzz -Xswiftc -sanitize=fuzzer
	@Scripts/need.sh python3=python3
	@python3 Scripts/fuzz-seeds.py $(BERTH) $(FUZZ_WORK)/seeds >/dev/null
	python3 Scripts/fuzz.py --program Fuzzing/.build/release/berth-fuzz --work $(FUZZ_WORK) \
	    --minutes $(MINUTES) $(addprefix --target ,$(TARGET)); \
	    status=$$?; cat $(FUZZ_WORK)/status.tsv; exit $$status

## The table of docs/reliability.md: every cut and every flipped bit
damage: toolchain libraries
	$(SWIFT) build --package-path Fuzzing -c release --product berth-damage -Xswiftc -sanitize=fuzzer
	Fuzzing/.build/release/berth-damage Tests/Fixtures/avr-uno-7.2.mig
	Fuzzing/.build/release/berth-damage --every 37 Tests/Fixtures/tricore-testboard-11.1.mig \
	    Tests/Fixtures/x86-q35-multifd-none-11.1.ch0.mig

format: toolchain
	$(SWIFT) format --in-place --recursive Package.swift Sources Tests Fuzzing/Package.swift \
	    Fuzzing/Sources

lint: toolchain
	$(SWIFT) format lint --strict --recursive Package.swift Sources Tests Fuzzing/Package.swift \
	    Fuzzing/Sources Benchmarks/Package.swift Benchmarks/Sources

install: manual
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1 \
	    $(DESTDIR)$(PREFIX)/share/bash-completion/completions \
	    $(DESTDIR)$(PREFIX)/share/zsh/site-functions \
	    $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
	install -m 755 $(BERTH) $(DESTDIR)$(PREFIX)/bin/berth
	install -m 644 .build/manual/man1/*.1 $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 644 .build/manual/completions/berth $(DESTDIR)$(PREFIX)/share/bash-completion/completions
	install -m 644 .build/manual/completions/_berth $(DESTDIR)$(PREFIX)/share/zsh/site-functions
	install -m 644 .build/manual/completions/berth.fish $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d

clean:
	rm -rf .build .build-sanitize
