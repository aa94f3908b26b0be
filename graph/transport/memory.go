package transport

import (
	"bytes"
	"errors"
	"io"

	"userstatus/admission"
	"userstatus/presence"
)

const (
	// smallRead is in bytes: what a client sends within it is not reserved.
	smallRead = 4 << 10
	// operationSize is in bytes: what an operation takes that waits, besides its
	// text.
	operationSize = 512
	// shapeSize is in bytes: what a shape takes whose document is short, and
	// shapeFactor how much more each byte takes of its document and variables.
	shapeSize   = 8 << 10
	shapeFactor = 50
)

var errNoMemory = presence.Errorf(presence.RateLimited, "the operations of your address take more memory than there is for them: send fewer at a time, and read their answers")

// readWithin reads all of from, which has at most most bytes. Past the first few
// it reserves what it is about to hold, and kept is false where there is no room.
func readWithin(into *bytes.Buffer, from io.Reader, most int, memory *admission.Reservation) (kept bool, err error) {
	for limit := smallRead; ; limit *= 2 {
		_, err := io.CopyN(into, from, int64(limit-into.Len()))
		if errors.Is(err, io.EOF) {
			return true, nil
		}
		if err != nil {
			return true, err
		}
		if !memory.Grow(min(2*limit, most)) {
			return false, nil
		}
	}
}

func (k shapeKey) size() int { return shapeSize + shapeFactor*(len(k.document)+len(k.variables)) }
