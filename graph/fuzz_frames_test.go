package graph_test

import (
	"encoding/binary"
	"slices"
	"unicode/utf8"
)

// maxMessage is the README's limit of a socket's message.
const maxMessage = 256 << 10

// forecast is what RFC 6455 and the subprotocol have a server make of the bytes
// that a client sends before it shuts its side.
type forecast struct {
	*talk
	// codes are those of which the server closes with one; 0 is for none.
	codes []int
	// pings are the payloads of what is to be answered, in order.
	pings []string
	// anything is true where the texts leave open what comes.
	anything bool
}

// forecastOf reads the bytes as the RFC has it.
func forecastOf(k *talk, stream []byte) *forecast {
	f := &forecast{talk: k}
	codes := f.read(stream)
	f.anything = slices.Contains(codes, unforeseen)
	if k.later != 0 {
		k.maybe = append(k.maybe, k.later)
	}
	f.codes = append(codes, k.maybe...)
	return f
}

// read returns the codes with which the stream itself ends the socket.
func (f *forecast) read(stream []byte) []int {
	var message []byte
	var kind byte
	for {
		if len(stream) < 2 {
			return []int{0}
		}
		head, size := stream[0], uint64(stream[1]&0x7f)
		opcode, final, control := head&0x0f, head&0x80 != 0, head&0x08 != 0
		switch {
		case head&0x70 != 0, stream[1]&0x80 == 0, opcode > 2 && opcode < 8, opcode > 10, control && (!final || size > 125),
			opcode == 0 && kind == 0, (opcode == 1 || opcode == 2) && kind != 0:
			return []int{1002}
		}
		payload, ok := stream[2:], true
		switch size {
		case 126:
			if payload, ok = from(payload, 2); ok {
				size = uint64(binary.BigEndian.Uint16(stream[2:]))
			}
		case 127:
			if payload, ok = from(payload, 8); ok {
				size = binary.BigEndian.Uint64(stream[2:])
			}
		}
		if ok && size>>63 != 0 {
			return []int{1002, 1009}
		}
		mask := payload
		if payload, ok = from(payload, 4); !ok || len(mask) < 4 {
			return []int{0}
		}
		if !control && size+uint64(len(message)) > maxMessage {
			return []int{1009}
		}
		if uint64(len(payload)) < size {
			return []int{0}
		}
		said := unmasked(mask[:4], payload[:size])
		stream = payload[size:]
		switch opcode {
		case 8:
			return closedBy(said)
		case 9:
			f.pings = append(f.pings, string(said))
			continue
		case 10:
			continue
		case 1, 2:
			kind, message = opcode, nil
		}
		message = append(message, said...)
		if !final {
			continue
		}
		if kind == 1 && !utf8.Valid(message) {
			return []int{1007}
		}
		kind = 0
		if code := f.hear(message); code != 0 {
			return []int{code}
		}
		message = nil
	}
}

// from is what is behind the first n bytes, if there are so many.
func from(b []byte, n int) (rest []byte, ok bool) {
	if len(b) < n {
		return nil, false
	}
	return b[n:], true
}

func unmasked(mask, payload []byte) []byte {
	said := make([]byte, len(payload))
	for i := range payload {
		said[i] = payload[i] ^ mask[i%4]
	}
	return said
}

// closedBy are the codes with which a client's close may be answered.
func closedBy(payload []byte) []int {
	if len(payload) == 0 {
		return []int{1000}
	}
	if len(payload) == 1 {
		return []int{1000, 1002} // no code at all, or half of one
	}
	code := int(binary.BigEndian.Uint16(payload))
	switch {
	case code < 1000, code > 4999, code == 1004, code == 1005, code == 1006, code >= 1014 && code < 3000:
		return []int{1002}
	case !utf8.Valid(payload[2:]):
		return []int{1002, 1007}
	}
	return []int{code}
}

// reception is what a server has sent.
type reception struct {
	texts, pongs []string
	codes        []int
	// after is how many frames came after the first close.
	after int
	// odd is what a server must not send.
	odd []byte
}

// receptionOf reads a server's bytes: whole frames, in one piece, without a
// mask, of as few bytes as can be.
func receptionOf(stream []byte) (r reception) {
	for len(stream) >= 2 {
		head, size, header := stream[0], int(stream[1]), 2
		switch {
		case size == 126 && len(stream) >= 4:
			size, header = int(binary.BigEndian.Uint16(stream[2:])), 4
		case size == 127 && len(stream) >= 10:
			size, header = int(binary.BigEndian.Uint32(stream[6:])), 10
		}
		shortest := header == 2 && size < 126 || header == 4 && size >= 126 || header == 10 && size >= 1<<16
		if !shortest || len(stream)-header < size {
			break
		}
		payload := stream[header : header+size]
		r.after += min(len(r.codes), 1)
		switch {
		case head == 0x81 && utf8.Valid(payload):
			r.texts = append(r.texts, string(payload))
		case head == 0x8a && size <= 125:
			r.pongs = append(r.pongs, string(payload))
		case head == 0x88 && size >= 2 && size <= 125 && utf8.Valid(payload[2:]):
			r.codes = append(r.codes, int(binary.BigEndian.Uint16(payload)))
		default:
			r.odd = stream
			return r
		}
		stream = stream[header+size:]
	}
	r.odd = stream
	return r
}
