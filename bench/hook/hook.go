// Package hook lets a measuring program look into a server that it started. It
// does nothing unless the server's environment has a path for it.
package hook

import (
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
	"os"
	"runtime/debug"
)

// Variable names the Unix socket to listen on: GET /free collects garbage and
// gives what is free back to the system, and /profile is the CPU profile of the
// next ?seconds.
const Variable = "USERSTATUS_BENCH_SOCKET"

func init() {
	if path := os.Getenv(Variable); path != "" {
		listen(path)
	}
}

func listen(path string) {
	listener, err := net.Listen("unix", path)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench hook:", err)
		os.Exit(1)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /free", func(http.ResponseWriter, *http.Request) { debug.FreeOSMemory() })
	mux.HandleFunc("GET /profile", pprof.Profile)
	go func() { _ = http.Serve(listener, mux) }() // ends with the process
}
