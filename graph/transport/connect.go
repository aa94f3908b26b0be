package transport

import (
	"context"
	"errors"

	"userstatus/admission"
	"userstatus/presence"
)

// errBusy is of a client that had to wait too long to be let in, or behind too
// many others of its address.
var errBusy = presence.Errorf(presence.RateLimited, "too many clients are coming in at a time: try again later")

// connect makes the client ONLINE, when it is its turn.
func connect(ctx context.Context, control *admission.Control, service *presence.Service, platform string, end func(reason string)) (*presence.Connection, error) {
	done, err := control.Write(ctx, 1)
	switch {
	case errors.Is(err, admission.ErrQueueFull), errors.Is(err, admission.ErrTooLong):
		return nil, errBusy
	case err != nil:
		return nil, err
	}
	defer done()
	return service.Connect(ctx, platform, end)
}
