package main

import (
	"bufio"
	"bytes"
	"testing"
)

func TestEveryTextHasTheSameSizeAndSaysWhoseItIs(t *testing.T) {
	for _, change := range []uint32{1, 99_999_999} {
		text := textOf(99_999, change)
		publisher, got := parseText([]byte(text))
		if len(text) != textSize || publisher != 99_999 || got != change {
			t.Errorf("change %d of publisher 99999 is %q, of %d bytes, and read as %d of %d", change, text, len(text), got, publisher)
		}
	}
}

func TestFramesAreReadWhole(t *testing.T) {
	for _, size := range []int{0, 1, 125, 126, 65_535} {
		sent := bytes.Repeat([]byte("x"), size)
		head := []byte{0x81, byte(size)}
		if size > 125 {
			head = []byte{0x81, 126, byte(size >> 8), byte(size)}
		}
		op, got, err := readFrame(bufio.NewReader(bytes.NewReader(append(head, sent...))), nil)
		if op != opText || !bytes.Equal(got, sent) || err != nil {
			t.Errorf("a text of %d bytes was read as opcode %d with %d bytes, error %v", size, op, len(got), err)
		}
	}
}

func TestTheMedianIsTheMiddle(t *testing.T) {
	s := samples{ours: {9, 1, 4}, bare: {1, 4}}
	if s.median(ours) != 4 || s.median(bare) != 2.5 {
		t.Errorf("the medians of 9 1 4 and of 1 4 came out as %v and %v", s.median(ours), s.median(bare))
	}
}
