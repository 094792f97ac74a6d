GO ?= go
export CGO_ENABLED ?= 0

.PHONY: demo test race build lint bench cross screenshots

demo: build ## import the bundled export into an embedded sandbox
	bin/deskferry demo

test: ## every test; needs nothing but Go
	$(GO) test ./...

race: ## the same under the race detector; needs a C compiler
	CGO_ENABLED=1 $(GO) test -race ./...

build: ## the binary, in bin/
	$(GO) build -trimpath -o bin/deskferry ./cmd/deskferry

cross: ## the platforms a release is made for
	for os in linux darwin windows; do GOOS=$$os $(GO) build -o /dev/null ./cmd/deskferry || exit 1; done

lint: ## gofmt, vet, staticcheck
	@unformatted=$$(gofmt -l cmd importer mapping sources testdata); test -z "$$unformatted" || { echo "not gofmt'd: $$unformatted"; exit 1; }
	$(GO) vet ./...
	$(GO) tool staticcheck ./...

bench: ## speed and allocations
	$(GO) test -run '^$$' -bench . -benchmem ./...

screenshots: ## the pictures in docs/; needs chromium
	$(GO) test ./cmd/deskferry/browsertest -count 1 -run TestScreenshots -screenshots
