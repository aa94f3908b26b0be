package transport

import (
	"bytes"
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

// readWithin reads all of from, which may be most bytes; before it holds more
// than a few it reserves that many. kept is false where there is no room.
func readWithin(into *bytes.Buffer, from io.Reader, most int, memory *admission.Reservation) (kept bool, err error) {
	n, err := io.CopyN(into, from, smallRead)
	if err == io.EOF {
		return true, nil
	}
	if err != nil || n < smallRead {
		return true, err
	}
	if !memory.Grow(most) {
		return false, nil
	}
	_, err = into.ReadFrom(from)
	return true, err
}

func (k shapeKey) size() int { return shapeSize + shapeFactor*(len(k.document)+len(k.variables)) }
