package transport

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gorilla/websocket"
)

// frame is one as RFC 6455 (5.2) reads it.
type frame struct {
	opcode  int
	header  int
	payload []byte
}

// parseFrame reads the first frame and returns what is behind it; false where
// text holds no whole one.
func parseFrame(text []byte) (f frame, rest []byte, ok bool) {
	if len(text) < 2 {
		return frame{}, text, false
	}
	size := uint64(text[1] & 0x7f)
	f.header = 2
	switch {
	case size == 126 && len(text) >= 4:
		f.header, size = 4, uint64(binary.BigEndian.Uint16(text[2:]))
	case size == 127 && len(text) >= 10:
		f.header, size = 10, binary.BigEndian.Uint64(text[2:])
	}
	end := uint64(f.header) + size
	if uint64(len(text)) < end {
		return frame{}, text, false
	}
	f.opcode, f.payload = int(text[0]&0x0f), text[f.header:end]
	intact := text[0]&0xf0 == 0x80 && text[1]&0x80 == 0 // final, nothing reserved, no mask
	return f, text[end:], intact
}

func TestFramesHaveTheShortestHeader(t *testing.T) {
	before := []byte("before")
	for size, header := range map[int]int{0: 2, 1: 2, 125: 2, 126: 4, 127: 4, 65535: 4, 65536: 10, 200_000: 10} {
		payload := bytes.Repeat([]byte("x"), size)
		whole := appendFrame(bytes.Clone(before), websocket.TextMessage, payload)
		f, rest, ok := parseFrame(whole[len(before):])
		if !ok || f.opcode != websocket.TextMessage || f.header != header || !bytes.Equal(f.payload, payload) || len(rest) > 0 {
			t.Errorf("%d bytes: %d of header, %d of payload, %d behind", size, f.header, len(f.payload), len(rest))
		}
		filled := appendTextFrame(bytes.Clone(before), func(to []byte) ([]byte, bool) { return append(to, payload...), true })
		if !bytes.Equal(filled, whole) {
			t.Errorf("%d bytes: filling a frame gives another one", size)
		}
	}
}

func TestAFrameThatIsNotFilledLeavesNothing(t *testing.T) {
	got := appendTextFrame([]byte("before"), func(to []byte) ([]byte, bool) { return append(to, "some"...), false })
	if string(got) != "before" {
		t.Errorf("%q", got)
	}
}

func TestACloseFitsIntoAControlFrame(t *testing.T) {
	for _, reason := range []string{"", "short", strings.Repeat("x", 123), strings.Repeat("x", 124), strings.Repeat("é", 200)} {
		f, rest, ok := parseFrame(appendClose(nil, closeBadRequest, reason))
		if !ok || f.opcode != websocket.CloseMessage || f.header != 2 || len(rest) > 0 {
			t.Fatalf("%+v %q", f, rest)
		}
		told := string(f.payload[2:])
		if binary.BigEndian.Uint16(f.payload) != closeBadRequest || !strings.HasPrefix(reason, told) || !utf8.ValidString(told) {
			t.Errorf("%q", f.payload)
		}
		if len(told) < min(len(reason), maxCloseReason-1) {
			t.Errorf("%q is cut to %d bytes", reason, len(told))
		}
	}
}

func TestParamsOfAnOperation(t *testing.T) {
	for text, ok := range map[string]bool{
		`{"query":"{__typename}"}`: true,
		`{"query":"{__typename}","variables":null,"operationName":null,"extensions":null}`: true,
		`{"query":"{__typename}"}{}`:                false,
		`{"query":"{__typename}"} x`:                false,
		`{"query":""}`:                              false,
		`{"query":" "}`:                             false,
		`{"query":null}`:                            false,
		`{"query":5}`:                               false,
		`{"query":"{__typename}","variables":[]}`:   false,
		`{"query":"{__typename}","extensions":"x"}`: false,
		`[]`: false,
		``:   false,
	} {
		if params, got := decodeParams([]byte(text)); got != ok || (ok && params.Query != "{__typename}") {
			t.Errorf("%s: %v", text, got)
		}
	}
}
