package transport

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"pgregory.net/rapid"
)

func (o *outbox) send(fill func(to []byte) []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.put(fill)
}

// tcpPair is both ends of a connection over loopback, whose buffers hold little.
func tcpPair(t interface{ Fatal(...any) }, buffer int) (near, far *net.TCPConn) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	dialed, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	accepted, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	near, far = accepted.(*net.TCPConn), dialed.(*net.TCPConn)
	_ = near.SetWriteBuffer(4 << 10)
	_ = far.SetReadBuffer(buffer)
	return near, far
}

func newOutbox(conn net.Conn, fail func(error)) *outbox {
	return &outbox{conn: conn, raw: rawConn(conn), patience: time.Minute, more: func(to []byte) []byte { return to }, moved: func() {}, fail: fail}
}

// numbered is a text frame that tells its sender, its number, and that it is whole.
func numbered(to []byte, sender, number, size int) []byte {
	payload := bytes.Repeat([]byte{byte(sender)}, 8+size)
	binary.BigEndian.PutUint32(payload, uint32(sender))
	binary.BigEndian.PutUint32(payload[4:], uint32(number))
	return appendFrame(to, websocket.TextMessage, payload)
}

// TestFramesStayWholeAndInOrder has several senders share an outbox whose
// reader is slow.
func TestFramesStayWholeAndInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sizes := rapid.SliceOfN(rapid.SliceOfN(rapid.SampledFrom([]int{0, 117, 118, 1000, 5000, 10_000, 20_000}), 6, 12), 1, 4).Draw(t, "sizes by sender")
		step := rapid.IntRange(500, 50_000).Draw(t, "bytes read at once")
		near, far := tcpPair(t, 32<<10) // with less, loopback drops segments, and waits
		defer func() { _ = far.Close() }()
		defer func() { _ = near.Close() }()
		failed := make(chan error, 1)
		out := newOutbox(near, func(err error) { failed <- err })
		total := 0
		var senders sync.WaitGroup
		for sender, its := range sizes {
			for number, size := range its {
				total += len(numbered(nil, sender, number, size))
			}
			senders.Go(func() {
				for number, size := range its {
					out.send(func(to []byte) []byte { return numbered(to, sender, number, size) })
				}
			})
		}
		if rapid.Bool().Draw(t, "reads only once all is sent") {
			senders.Wait()
		}
		stream := readSlowly(t, far, total, step)
		senders.Wait()
		checkFrames(t, stream, sizes)
		select {
		case err := <-failed:
			t.Fatal(err)
		default:
		}
	})
}

func readSlowly(t *rapid.T, from io.Reader, total, step int) []byte {
	stream := make([]byte, 0, total)
	for len(stream) < total {
		some := make([]byte, min(step, total-len(stream)))
		n, err := from.Read(some)
		if err != nil {
			t.Fatalf("%v after %d of %d bytes", err, len(stream), total)
		}
		stream = append(stream, some[:n]...)
		runtime.Gosched()
	}
	return stream
}

func checkFrames(t *rapid.T, stream []byte, sizes [][]int) {
	next := make([]int, len(sizes))
	for len(stream) > 0 {
		f, rest, ok := parseFrame(stream)
		if !ok || len(f.payload) < 8 {
			t.Fatalf("broken at %.20q", stream)
		}
		sender, number := int(binary.BigEndian.Uint32(f.payload)), int(binary.BigEndian.Uint32(f.payload[4:]))
		if sender >= len(sizes) || number != next[sender] {
			t.Fatalf("sender %d: number %d, want %v", sender, number, next)
		}
		if whole := numbered(nil, sender, number, sizes[sender][number]); !bytes.Equal(whole[f.header:], f.payload) {
			t.Fatalf("sender %d: number %d is damaged", sender, number)
		}
		next[sender]++
		stream = rest
	}
	for sender, its := range sizes {
		if next[sender] != len(its) {
			t.Fatalf("sender %d: %d frames of %d", sender, next[sender], len(its))
		}
	}
}

// isStuck is whether frames wait.
func (o *outbox) isStuck() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.stuck
}

func fill(t *testing.T, o *outbox, frame []byte) (sent int) {
	t.Helper()
	for ; !o.isStuck(); sent++ {
		if sent > 10_000 {
			t.Fatal("the socket is never full")
		}
		o.send(func(to []byte) []byte { return append(to, frame...) })
	}
	return sent
}

func TestWhatBecameDueIsSentOnceTheSocketTakesSomeAgain(t *testing.T) {
	near, far := tcpPair(t, 32<<10)
	defer func() { _ = near.Close() }()
	defer func() { _ = far.Close() }()
	out := newOutbox(near, func(err error) { t.Error(err) })
	due := []byte("newest")
	out.more = func(to []byte) []byte {
		if due == nil {
			return nil
		}
		to = appendFrame(to, websocket.TextMessage, due)
		due = nil
		return to
	}
	old := appendFrame(nil, websocket.TextMessage, bytes.Repeat([]byte("old"), 1000))
	sent := fill(t, out, old)
	want := append(bytes.Repeat(old, sent), appendFrame(nil, websocket.TextMessage, []byte("newest"))...)
	got := make([]byte, len(want))
	if _, err := io.ReadFull(far, got); err != nil || !bytes.Equal(got, want) {
		t.Fatalf("%v: %.40q", err, got[len(got)-40:])
	}
	out.send(func(to []byte) []byte { return append(to, old...) })
	if _, err := io.ReadFull(far, got[:len(old)]); err != nil || !bytes.Equal(got[:len(old)], old) {
		t.Fatal("nothing goes any more", err)
	}
}

func TestASocketThatTakesNothingIsGivenUp(t *testing.T) {
	near, far := tcpPair(t, 4<<10)
	defer func() { _ = far.Close() }()
	failed := make(chan error, 10)
	out := newOutbox(near, func(err error) { _ = near.Close(); failed <- err })
	out.patience = 50 * time.Millisecond
	fill(t, out, make([]byte, 4<<10))
	var timeout net.Error
	if err := <-failed; !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Error(err)
	}
	out.send(func([]byte) []byte { t.Error("something is made for a socket that is gone"); return nil })
	if len(failed) > 0 {
		t.Error("it failed again:", <-failed)
	}
}

func TestABacklogIsBounded(t *testing.T) {
	near, far := tcpPair(t, 4<<10)
	defer func() { _ = far.Close() }()
	failed := make(chan error, 10)
	out := newOutbox(near, func(err error) { _ = near.Close(); failed <- err })
	frame := make([]byte, 16<<10)
	fill(t, out, frame)
	most := 0
	for len(failed) == 0 {
		out.send(func(to []byte) []byte { return append(to, frame...) })
		out.mu.Lock()
		most = max(most, len(out.rest))
		out.mu.Unlock()
	}
	if err := <-failed; !errors.Is(err, errBacklog) {
		t.Error(err)
	}
	if most > maxBacklog+len(frame) {
		t.Errorf("%d bytes wait", most)
	}
	if len(out.rest) > 0 {
		t.Errorf("%d bytes are kept for a socket that is gone", len(out.rest))
	}
}
