# What people type. `make run` needs Rust and a C toolchain, nothing else; `make test` installs what its tests need.
CARGO ?= cargo
.PHONY: run build bench test test-programs lint clean

# Build, then run a whole pool on a sandbox chain. ARGS is handed to `sluice up`.
run: build
	exec target/release/sluice up $(ARGS)

build:
	$(CARGO) build --release --locked -p sluice

# Measure this machine's gateway; the last line of each bench is its result as JSON. `sluice bench --help` says more.
bench: build
	target/release/sluice bench connections --count 50000 --json
	target/release/sluice bench submit --json
	target/release/sluice bench fairness --json
	target/release/sluice bench job-fanout --json
	target/release/sluice bench share-check --json
	target/release/sluice bench accounting --json
	target/release/sluice bench endurance --json
	target/release/sluice bench vardiff --json

# Everything that must hold before a change lands: formatting, lints, every test.
test: test-programs lint
	$(CARGO) build --locked -p sluice
	$(CARGO) test --locked --workspace --no-fail-fast

# The real programs that tests talk to: redis-server, and Node.js for the node bcoin.
test-programs:
	bench/end-to-end/setup.sh

lint:
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings

clean:
	$(CARGO) clean
