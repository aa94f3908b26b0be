package main

import (
	"fmt"
	"log/slog"

	"userstatus/admission"
)

// otherFiles is how many descriptors are left for what is no client's: the
// database, the bus, webhooks.
const otherFiles = 128

// maxConnections is how many go. Where descriptors would run out first the limit
// is lower: a server that has none left can let in nobody, and can't open its
// own files either.
func (c config) maxConnections() int {
	if files := openFiles(); c.MaxConnections > 0 && files > 0 {
		return min(c.MaxConnections, max(1, files-otherFiles))
	}
	return c.MaxConnections
}

// newAdmission makes the limits that clients share.
func newAdmission(c config, watch *watch, log *slog.Logger) (*admission.Control, error) {
	control, err := admission.New(admission.Options{
		MaxConnections: c.maxConnections(),
		TrustedProxies: c.TrustedProxies,
		Refused:        watch.metrics.Refused,
		Log:            log,
	})
	if err != nil {
		return nil, fmt.Errorf("trusted proxies: %w", err)
	}
	return control, nil
}
