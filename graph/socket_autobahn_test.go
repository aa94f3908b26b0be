package graph_test

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// exchange is what a client sends, and all that it gets for it before it shuts
// its side. The cases' numbers are those of the Autobahn test suite that they
// mirror; there an echo is to come, here the answer to a ping message.
type exchange struct {
	name, sent string
	texts      []string
	pongs      []string
	code       int
}

const (
	pingMessage = `{"type":"ping"}`
	pongMessage = `{"type":"pong"}`
)

var one = []string{pongMessage}

// padded is a ping message of size bytes.
func padded(size int) string { return pingMessage + strings.Repeat(" ", size-len(pingMessage)) }

// pieces are a message's frames of size bytes, with something between them.
func pieces(message string, size int, between string) (stream string) {
	for i := 0; i < len(message); i += size {
		head := byte(0)
		if i == 0 {
			head = 1
		} else {
			stream += between
		}
		if i+size >= len(message) {
			head |= 0x80
		}
		stream += framed(head, message[i:min(i+size, len(message))])
	}
	return stream
}

func closing(code int, reason string) string {
	return framed(0x88, string(binary.BigEndian.AppendUint16(nil, uint16(code)))+reason)
}

func sizeCases() (all []exchange) {
	for i, size := range []int{125, 126, 127, 128, 65535, 65536} {
		all = append(all, exchange{fmt.Sprintf("1.1.%d a message of %d bytes", i+2, size), framed(0x81, padded(size)), one, nil, 0})
	}
	return append(all,
		exchange{"1.1.1 a message of no bytes", framed(0x81, ""), nil, nil, 4400},
		exchange{"1.2.2 a binary message", framed(0x82, pingMessage), one, nil, 0},
		exchange{"9.3 256 KiB in pieces", pieces(padded(maxMessage), 1<<12, ""), one, nil, 0},
		exchange{"a byte more in pieces", pieces(padded(maxMessage+1), 1<<12, ""), nil, nil, 1009},
		exchange{"a byte more, announced", "\x81\xff\x00\x00\x00\x00\x00\x04\x00\x01\x00\x00\x00\x00", nil, nil, 1009},
		exchange{"as much as can be, announced", "\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00", nil, nil, 1009},
		exchange{"more than can be, announced", "\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00", nil, nil, 1009},
		exchange{"as much as can be, in the second piece", framed(0x01, "x") + "\x80\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00", nil, nil, 1009},
		exchange{"a length in more bytes than it takes", "\x81\xfe\x00\x0f\x00\x00\x00\x00" + pingMessage + "\x81\xff\x00\x00\x00\x00\x00\x00\x00\x0f\x00\x00\x00\x00" + pingMessage, []string{pongMessage, pongMessage}, nil, 0},
		exchange{"a mask that changes something", "\x81\x8f\x01\x02\x03\x04" + string(unmasked([]byte{1, 2, 3, 4}, []byte(pingMessage))), one, nil, 0},
		exchange{"no mask", "\x81\x0f" + pingMessage, nil, nil, 1002},
		exchange{"a ping without a mask", framed(0x81, pingMessage) + "\x89\x00", one, nil, 1002},
	)
}

func pingCases() []exchange {
	long := strings.Repeat("\xfe", 125)
	var ten string
	var tenPongs []string
	for i := range 10 {
		ten += framed(0x89, fmt.Sprint("payload ", i))
		tenPongs = append(tenPongs, fmt.Sprint("payload ", i))
	}
	return []exchange{
		{"2.1 a ping without a payload", framed(0x89, ""), nil, []string{""}, 0},
		{"2.2 a ping with one", framed(0x89, "Hello, world!"), nil, []string{"Hello, world!"}, 0},
		{"2.3 a ping of bytes that are no text", framed(0x89, "\x00\xff\xfe\xfd\xfc"), nil, []string{"\x00\xff\xfe\xfd\xfc"}, 0},
		{"2.4 2.6 a ping of 125 bytes", framed(0x89, long), nil, []string{long}, 0},
		{"2.5 a ping of 126 bytes", framed(0x89, long+"x"), nil, nil, 1002},
		{"2.7 2.8 pongs that nobody asked for", framed(0x8a, "") + framed(0x8a, "x") + framed(0x81, pingMessage), one, nil, 0},
		{"2.9 a pong, and a ping", framed(0x8a, "unsolicited") + framed(0x89, "ping"), nil, []string{"ping"}, 0},
		{"2.10 2.11 ten pings", ten, nil, tenPongs, 0},
	}
}

func reservedCases() (all []exchange) {
	for bits := byte(1); bits < 8; bits++ {
		all = append(all,
			exchange{fmt.Sprintf("3.%d the reserved bits %03b", bits, bits), framed(0x81, pingMessage) + framed(0x81|bits<<4, pingMessage) + framed(0x89, ""), one, nil, 1002},
			exchange{fmt.Sprintf("3.%d the reserved bits %03b of a ping", bits, bits), framed(0x89|bits<<4, ""), nil, nil, 1002},
			exchange{fmt.Sprintf("3.%d the reserved bits %03b of a close", bits, bits), framed(0x88|bits<<4, ""), nil, nil, 1002})
	}
	for i, opcode := range []byte{3, 4, 5, 6, 7, 11, 12, 13, 14, 15} {
		all = append(all,
			exchange{fmt.Sprintf("4.%d.%d the opcode %d", 1+i/5, 1+i%5, opcode), framed(0x81, pingMessage) + framed(0x80|opcode, "x") + framed(0x89, ""), one, nil, 1002})
	}
	return all
}

func fragmentCases() []exchange {
	hi := framed(0x89, "hi")
	pongs := slices.Repeat([]string{"hi"}, len(pingMessage)-1)
	return []exchange{
		{"5.1 a ping in two pieces", framed(0x09, "a") + framed(0x80, "b"), nil, nil, 1002},
		{"5.2 a pong in two pieces", framed(0x0a, "a") + framed(0x80, "b"), nil, nil, 1002},
		{"a close in two pieces", framed(0x08, "\x03\xe8") + framed(0x80, "b"), nil, nil, 1002},
		{"5.3 5.4 5.5 a message in two pieces", pieces(pingMessage, 8, ""), one, nil, 0},
		{"a message in pieces of one byte", pieces(pingMessage, 1, ""), one, nil, 0},
		{"5.6 5.7 5.8 a ping between the pieces", pieces(pingMessage, 8, hi), one, []string{"hi"}, 0},
		{"5.19 5.20 pings between pieces of one byte", pieces(pingMessage, 1, hi), one, pongs, 0},
		{"pieces of no bytes", framed(0x01, "") + framed(0x00, "") + framed(0x00, pingMessage) + framed(0x80, ""), one, nil, 0},
		{"5.9 5.10 5.11 a continuation of nothing", framed(0x80, "x") + framed(0x81, pingMessage), nil, nil, 1002},
		{"5.12 5.13 5.14 a first piece that continues nothing", framed(0x00, "x") + framed(0x81, pingMessage), nil, nil, 1002},
		{"5.15 a continuation after the last piece", pieces(pingMessage, 8, "") + framed(0x00, "x") + framed(0x81, pingMessage), one, nil, 1002},
		{"5.18 a message within another", framed(0x01, "{") + framed(0x81, pingMessage), nil, nil, 1002},
		{"a first piece within another message", framed(0x01, "{") + framed(0x02, "}"), nil, nil, 1002},
	}
}

func textCases() (all []exchange) {
	hello := `{"type":"ping","payload":{"a":"Hello-µ@ßöäüàá-UTF-8!! κόσμε 🏃"}}`
	answer := []string{strings.Replace(hello, "ping", "pong", 1)}
	all = []exchange{
		{"6.2.1 letters of many bytes", framed(0x81, hello), answer, nil, 0},
		{"6.2.2 6.2.3 letters cut in the middle", pieces(hello, 1, ""), answer, nil, 0},
		{"no text in a binary message", framed(0x82, `{"type":"ping","payload":{"a":"`+"\xff"+`"}}`), nil, nil, 4400},
	}
	for name, wrong := range map[string]string{
		"6.3 a byte that never is": "κόσμε\xed\xa0\x80edited", "6.6 a letter cut off": "\xce", "6.6 a running byte alone": "\x80", "6.10 the byte 0xfe": "\xfe\xff",
		"6.12 more bytes than it takes": "\xc0\xaf", "6.16 half of a pair": "\xed\xbf\xbf", "6.17 past the last letter": "\xf4\x90\x80\x80", "6.21 five bytes": "\xf8\x88\x80\x80\x80",
	} {
		message := `{"type":"ping","payload":{"a":"` + wrong + `"}}`
		all = append(all, exchange{name, framed(0x81, message), nil, nil, 1007}, exchange{name + ", in pieces", pieces(message, 1, framed(0x89, "")), nil, slices.Repeat([]string{""}, len(message)-1), 1007})
	}
	return all
}

func closeCases() (all []exchange) {
	all = []exchange{
		{"7.1.1 a message, and a close", framed(0x81, pingMessage) + goodbye, one, nil, 1000},
		{"7.1.2 two closes", goodbye + closing(1001, ""), nil, nil, 1000},
		{"7.1.3 a ping after the close", goodbye + framed(0x89, "late"), nil, nil, 1000},
		{"7.1.4 a message after the close", goodbye + framed(0x81, pingMessage), nil, nil, 1000},
		{"7.1.5 a close between pieces", framed(0x01, pingMessage) + goodbye + framed(0x80, ""), nil, nil, 1000},
		{"what breaks the protocol after the close", goodbye + framed(0x83, ""), nil, nil, 1000},
		{"what breaks the protocol after the server's close", framed(0x81, "{") + framed(0x89, "late") + framed(0x83, ""), nil, nil, 4400},
		{"a close after the server's", framed(0x81, "{") + goodbye, nil, nil, 4400},
		{"a message after the server's close", framed(0x83, "") + framed(0x81, pingMessage), nil, nil, 1002},
		{"7.3.1 a close without a code", framed(0x88, ""), nil, nil, 1000},
		{"7.3.2 a close with half a code", framed(0x88, "\x03"), nil, nil, 1000}, // taken for one without
		{"7.3.4 a close with a reason", closing(1000, "bye"), nil, nil, 1000},
		{"7.3.5 a reason of 123 bytes", closing(1000, strings.Repeat("x", 123)), nil, nil, 1000},
		{"7.3.6 a reason of 124 bytes", closing(1000, strings.Repeat("x", 124)), nil, nil, 1002},
		{"7.5.1 a reason that is no UTF-8", closing(1000, "\xce\xba\xed\xa0\x80"), nil, nil, 1002},
		{"an end without a close", framed(0x81, pingMessage), one, nil, 0},
		{"an end within a frame", framed(0x81, pingMessage) + "\x81\x8f\x00\x00\x00\x00{", one, nil, 0},
		{"an end within a header", framed(0x89, "x") + "\x81\xfe\x01", nil, []string{"x"}, 0},
		{"an end between pieces", framed(0x01, "{"), nil, nil, 0},
		{"an end at once", "", nil, nil, 0},
	}
	for _, code := range []int{1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 3000, 3999, 4000, 4999} {
		all = append(all, exchange{fmt.Sprintf("7.7 a close with %d", code), closing(code, ""), nil, nil, code})
	}
	for _, code := range []int{0, 999, 1004, 1005, 1006, 1014, 1015, 1016, 1100, 2000, 2999, 5000, 65535} {
		all = append(all, exchange{fmt.Sprintf("7.9 7.13 a close with %d", code), closing(code, ""), nil, nil, 1002})
	}
	return all
}

// TestFrames sends each case in one write, and those that end with it also byte
// by byte: what comes after a close may find nobody to take it.
func TestFrames(t *testing.T) {
	s := start(t, func(s *settings) { s.PingInterval = time.Minute })
	witness := s.socket(t, "witness")
	address, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	before := footprint()
	for _, c := range slices.Concat(sizeCases(), pingCases(), reservedCases(), fragmentCases(), textCases(), closeCases()) {
		for _, protocol := range []string{modern, legacy} {
			for _, size := range []int{len(c.sent) + 1, 1} {
				late := strings.Contains(c.name, " after ") || strings.Contains(c.name, "two closes")
				if size == 1 && (late || len(c.sent) > 1<<12) {
					continue
				}
				t.Run(fmt.Sprintf("%s, %d at a time, %s", c.name, size, protocol), func(t *testing.T) {
					conn, err := net.Dial("tcp", address.Host)
					if err != nil {
						t.Fatal(err)
					}
					defer func() { _ = conn.Close() }()
					_ = conn.SetDeadline(time.Now().Add(patience))
					raw := (&rude{Conn: conn, key: "dGhlIHNhbXBsZSBub25jZQ==", host: address.Host}).shake(protocol)
					for i := 0; i < len(c.sent); i += size {
						raw.write(c.sent[i:min(i+size, len(c.sent))])
					}
					c.check(t, receptionOf(raw.rest(t)))
				})
			}
		}
		witness.quiet()
	}
	before.awaited(t)
}

func (c *exchange) check(t *testing.T, got reception) {
	t.Helper()
	codes := []int{c.code}
	if c.code == 0 {
		codes = nil
	}
	if !slices.Equal(got.codes, codes) || got.after > 0 || len(got.odd) > 0 {
		t.Errorf("closed with %v, want %v; %d frames after, and %q", got.codes, codes, got.after, got.odd)
	}
	if !slices.Equal(got.texts, c.texts) || !slices.Equal(got.pongs, c.pongs) {
		t.Errorf("got %q and the pongs %q, want %q and %q", got.texts, got.pongs, c.texts, c.pongs)
	}
}
