package transport

import (
	"encoding/binary"

	"github.com/gorilla/websocket"
)

// maxFrameHeader is in bytes, for a frame without a mask, as servers send them.
const maxFrameHeader = 10

const finalFrame = 0x80

// appendFrame appends a whole message as one frame (RFC 6455, 5.2).
func appendFrame(to []byte, opcode int, payload []byte) []byte {
	var header [maxFrameHeader]byte
	to = append(to, header[:putFrameHeader(header[:], opcode, len(payload))]...)
	return append(to, payload...)
}

// putFrameHeader writes the header of a frame with size bytes of payload, and
// returns how long the header is.
func putFrameHeader(header []byte, opcode, size int) int {
	header[0] = finalFrame | byte(opcode)
	switch {
	case size < 126:
		header[1] = byte(size)
		return 2
	case size < 1<<16:
		header[1] = 126
		binary.BigEndian.PutUint16(header[2:], uint16(size))
		return 4
	}
	header[1] = 127
	binary.BigEndian.PutUint64(header[2:], uint64(size))
	return maxFrameHeader
}

// appendTextFrame appends a text message that fill appends to what it is
// given, and leaves to as it was if fill says that there is none.
func appendTextFrame(to []byte, fill func([]byte) ([]byte, bool)) []byte {
	var room [maxFrameHeader]byte
	start := len(to)
	filled, ok := fill(append(to, room[:]...))
	if !ok {
		return to
	}
	payload := filled[start+maxFrameHeader:]
	n := putFrameHeader(room[:], websocket.TextMessage, len(payload))
	kept := append(filled[:start], room[:n]...)
	return append(kept, payload...)
}
