# make        builds bin/userstatus
# make test   passes all the tests, and installs what they need
# make pages  builds the pages anew, after a change in web/app
# make bench  measures against the bare socket write and plain gqlgen

export CGO_ENABLED := 1

.PHONY: build test test-go test-clients test-pages test-examples chromium postgres promtool generate pages bench

build:
	go build -o bin/userstatus .

test: test-go test-clients test-pages test-examples

test-go: postgres promtool
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); test -z "$$unformatted" || { echo "not gofmt-ed: $$unformatted"; exit 1; }
	go vet ./...
	go test -race -timeout 20m $$(go list ./... | grep -v /chaos$$)
	go test -race -count=1 -timeout 30m ./chaos # builds the program itself, so that nothing cached counts, keeps all processors busy

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
	  sudo=$$(test $$(id -u) = 0 || echo sudo); dir=$$(mktemp -d) && mkdir -p bin && \
	  $$sudo apt-get update -qq && (cd $$dir && apt-get download -qq prometheus && dpkg -x prometheus_*.deb .) && \
	  cp $$dir/usr/bin/promtool bin/ && rm -r $$dir; }

# After a change of the schema: the resolvers' frame, and the package's typed operations.
generate: client/node_modules
	go tool gqlgen generate
	cd client && npm run generate

pages: web/app/node_modules
	cd web/app && npm run build

bench:
	go run ./bench
