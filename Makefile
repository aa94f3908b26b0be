# make          builds bin/userstatus
# make test     passes all the tests, and installs what they need
# make pages    builds the pages anew, after a change in web/app
# make fuzz     has the fuzz tests look for what nobody thought of, each for FUZZTIME
# make lint     has the code looked at by vet, staticcheck and golangci-lint
# make release  makes dist/userstatus_VERSION_linux_ARCH.tar.gz
# make sbom     makes dist/userstatus_VERSION_linux_ARCH.cdx.json, what that program is made of
# make licences lists anew the licences of all parts, after a change of dependencies
# make bench    measures against the bare socket write and plain gqlgen

export CGO_ENABLED := 1

.PHONY: build static release sbom licences lint test fuzz test-go test-clients test-pages test-examples chromium postgres promtool servers generate pages bench

build:
	go build -o bin/userstatus .

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
OUT ?= bin/userstatus

# One file that needs no other: for the image and for releases. It is the same,
# byte for byte, wherever it is built with the same tools.
static:
	go build -trimpath -buildvcs=false -tags netgo,osusergo,sqlite_omit_load_extension \
	  -ldflags '-s -w -X main.stamped=$(VERSION) -linkmode external -extldflags "-static -Wl,--build-id=none"' -o $(OUT) .

DIST ?= dist
NAME = userstatus_$(VERSION)_linux_$(shell go env GOARCH)
EPOCH = $(shell git log -1 --format=%ct 2>/dev/null || echo 0)

CYCLONEDX = github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0
# The Go modules as the program itself names them, then what their tool can't see.
BILL = go run $(CYCLONEDX) bin -json -noserial -notimestamp -std -version $(VERSION) -output $(DIST)/$(NAME).cdx.json

# What is made, or for tests, and no part of the package's and the examples' source.
UNMADE = $(addprefix --exclude=,node_modules dist test '*.tgz' .gitignore vitest.config.ts examples/apollo-react/src/gql examples/apollo-react/package-lock.json)

release:
	rm -rf $(DIST)/$(NAME) $(DIST)/$(NAME).tar.gz
	mkdir -p $(DIST)/$(NAME)/docs $(DIST)/$(NAME)/completion
	$(MAKE) --no-print-directory static OUT=$(abspath $(DIST))/$(NAME)/userstatus VERSION=$(VERSION)
	$(BILL) $(DIST)/$(NAME)/userstatus
	go run ./licences -bom $(DIST)/$(NAME).cdx.json
	go run ./licences -notices $(DIST)/$(NAME)/NOTICES
	cp README.md CHANGELOG.md compose.yaml schema.graphqls $(DIST)/$(NAME)
	cp docs/*.md $(DIST)/$(NAME)/docs
	tar --create $(UNMADE) client examples bench/README.md | tar --extract --directory $(DIST)/$(NAME)
	mkdir $(DIST)/$(NAME)/deploy && cp $$(ls -d deploy/* | grep -v '\.go$$') $(DIST)/$(NAME)/deploy
	for shell in bash zsh fish; do $(DIST)/$(NAME)/userstatus completion $$shell > $(DIST)/$(NAME)/completion/userstatus.$$shell || exit 1; done
	tar --create --directory $(DIST) --sort=name --format=ustar --mtime=@$(EPOCH) --owner=0 --group=0 --numeric-owner --mode=u+rw,go=u-w $(NAME) | gzip -9n > $(DIST)/$(NAME).tar.gz
	rm -rf $(DIST)/$(NAME)
	cd $(DIST) && sha256sum userstatus_*.tar.gz userstatus_*.cdx.json > SHA256SUMS

sbom:
	mkdir -p $(DIST)/$(NAME)
	$(MAKE) --no-print-directory static OUT=$(abspath $(DIST))/$(NAME)/userstatus VERSION=$(VERSION)
	$(BILL) $(DIST)/$(NAME)/userstatus
	go run ./licences -bom $(DIST)/$(NAME).cdx.json
	rm -rf $(DIST)/$(NAME)

licences:
	go run ./licences

# At versions of their own, since what they need is nothing of go.mod's.
STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOLANGCI_LINT = github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

lint:
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); test -z "$$unformatted" || { echo "not gofmt-ed: $$unformatted"; exit 1; }
	go vet ./...
	go run $(STATICCHECK) ./...
	go run $(GOLANGCI_LINT) run ./...

test: lint test-go test-clients test-pages test-examples

test-go: postgres promtool servers
	go test -race -timeout 20m $$(go list ./... | grep -v /chaos$$)
	go test -race -count=1 -parallel 4 -timeout 30m ./chaos # builds the program itself, so that nothing cached counts, keeps all processors busy

FUZZTIME ?= 10m

# One after the other; each says how many executions it had. What breaks is kept
# in testdata/fuzz, where make test tries it from then on.
fuzz:
	@grep -Ho '^func Fuzz[A-Za-z]*' $$(git ls-files '*_test.go') | sort | while IFS=: read -r file target; do \
	  echo "$${target#func } in ./$$(dirname $$file)"; \
	  go test -run '^$$' -fuzz "^$${target#func }$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x -parallel 1 ./$$(dirname $$file) < /dev/null || exit 1; done

# Real clients against the real program.
test-clients: build client/node_modules
	cd client && npm run typecheck && npm test

# The pages in a real browser; and that web/dist is what web/app builds.
test-pages: build client/node_modules web/app/node_modules chromium
	cd web/app && npm run check && npm test

# The examples as their readers would run them: in folders of their own, against
# the real program. They pack the client anew, so not beside its tests.
test-examples: build client/node_modules examples/node_modules chromium
	cd examples && npm test

%/node_modules: %/package-lock.json
	cd $* && npm ci --no-audit --no-fund
	@touch $@

chromium:
	@command -v chromium >/dev/null || { \
	  echo "installing chromium for the browser tests"; \
	  sudo=$$(test $$(id -u) = 0 || echo sudo); \
	  $$sudo apt-get update -qq && $$sudo apt-get install -y -qq --no-install-recommends chromium; }

# The server's programs, without a server that runs.
postgres:
	@command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || { \
	  echo "installing postgresql for the database tests"; \
	  sudo=$$(test $$(id -u) = 0 || echo sudo); \
	  $$sudo mkdir -p /etc/postgresql-common/createcluster.d; \
	  echo "create_main_cluster = false" | $$sudo tee /etc/postgresql-common/createcluster.d/no-main.conf >/dev/null; \
	  $$sudo apt-get update -qq && $$sudo apt-get install -y -qq --no-install-recommends postgresql; }

# Of Debian's Prometheus one program, and no service.
promtool:
	@command -v promtool >/dev/null || test -x bin/promtool || { \
	  echo "fetching promtool for the tests of metrics and alerts"; \
	  sudo=$$(test $$(id -u) = 0 || echo sudo); dir=$$(mktemp -d) && chmod 755 $$dir && mkdir -p bin && \
	  $$sudo apt-get update -qq && (cd $$dir && apt-get download -qq prometheus && dpkg -x prometheus_*.deb .) && \
	  cp $$dir/usr/bin/promtool bin/ && rm -r $$dir; }

# What the tests of deploy/ and of completion run, without a service that starts.
servers:
	@missing=$$(for tool in nginx:nginx-light caddy:caddy zsh:zsh fish:fish systemd-analyze:systemd; do \
	  PATH=$$PATH:/usr/sbin command -v $${tool%:*} >/dev/null || echo $${tool#*:}; done); test -z "$$missing" || { \
	  echo "installing" $$missing "for the tests"; \
	  sudo=$$(test $$(id -u) = 0 || echo sudo); \
	  test -e /usr/sbin/policy-rc.d || { printf '#!/bin/sh\nexit 101\n' | $$sudo tee /usr/sbin/policy-rc.d >/dev/null; \
	    $$sudo chmod +x /usr/sbin/policy-rc.d; trap "$$sudo rm /usr/sbin/policy-rc.d" EXIT; }; \
	  $$sudo apt-get update -qq && $$sudo apt-get install -y -qq --no-install-recommends $$missing; }

# After a change of the schema: the resolvers' frame, and the package's typed operations.
generate: client/node_modules
	go tool gqlgen generate
	cd client && npm run generate

pages: web/app/node_modules
	cd web/app && npm run build

bench:
	go run ./bench
