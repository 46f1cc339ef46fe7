# Two commands are all one needs: `make run` and `make test`. `make help` lists the rest.

WEB_SOURCES := $(shell find web/projects web/angular.json web/package.json web/tsconfig.json -type f 2>/dev/null)
DATA ?= data
PORT ?= 8080
METRICS_PORT ?= 9090

.PHONY: help run test setup build web test-rust test-web e2e lint sqlx openapi bench

help: ## List the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

run: setup build web ## Install what is missing, build, start with demo data (DATA=dir PORT=n METRICS_PORT=n)
	exec target/release/dms serve --data $(DATA) --port $(PORT) --metrics-port $(METRICS_PORT) --demo small

test: ## Install what is missing and run every check: lints, Rust, web units, browser
	scripts/test

setup: ## Install what `make run` needs and this machine lacks
	scripts/setup run

build: ## Build the server
	cargo build --release --locked --package dms

web: web/dist/diligo-dms/field/index.html ## Build both web apps

web/node_modules/.installed: web/package-lock.json
	cd web && npm ci --no-audit --no-fund
	touch $@

web/dist/diligo-dms/field/index.html: web/node_modules/.installed $(WEB_SOURCES)
	cd web && NG_CLI_ANALYTICS=false timeout 900 npm run build:prod

test-rust: ## Only the Rust tests
	scripts/with-postgres cargo nextest run --workspace --locked

test-web: web/node_modules/.installed ## Only the web units
	cd web && NG_CLI_ANALYTICS=false CI=true npm test

e2e: web ## Only the day in a real browser
	cargo build --locked --package dms
	cd web && npx playwright test

lint: web/node_modules/.installed ## Format and lints
	cargo fmt --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	cd web && npm run lint

sqlx: ## Renew .sqlx after a change of a query or the schema
	scripts/sqlx-prepare .sqlx

openapi: web/node_modules/.installed ## Renew web/openapi.json and the client made from it
	scripts/openapi

bench: setup ## Measure start-up, then orders against bare SQL (BENCH="--scale company --only order")
	bench/startup
	cargo build --release --locked --package dms --package bench
	target/release/bench $(BENCH)
	scripts/test-wasm time
