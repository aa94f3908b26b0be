package main

import (
	"net"
	"net/http"
)

// webhookSecret is of this program alone.
const webhookSecret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"

// receiver takes webhooks, if they are to be sent, and says by which flags that is.
func (l *lab) receiver() (flags []string, end func(), err error) {
	if !l.webhooks {
		return nil, func() {}, nil
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })}
	go func() { _ = server.Serve(listener) }() // ends with Close
	return []string{"--webhook-url=http://" + listener.Addr().String(), "--webhook-secret=" + webhookSecret}, func() { _ = server.Close() }, nil
}
