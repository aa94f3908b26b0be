package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

const (
	opText  = 1
	opClose = 8
	opPing  = 9
	opPong  = 10
)

// appendClientFrame appends a message with a mask of zeros, which changes nothing.
func appendClientFrame(to []byte, op byte, payload []byte) []byte {
	const final, masked = 0x80, 0x80
	to = append(to, final|op)
	if n := len(payload); n < 126 {
		to = append(to, masked|byte(n))
	} else {
		to = append(to, masked|126, byte(n>>8), byte(n))
	}
	return append(append(to, 0, 0, 0, 0), payload...)
}

// readFrame reads a frame into buf, which grows as needed, and returns its payload.
func readFrame(from *bufio.Reader, buf []byte) (op byte, payload []byte, err error) {
	var head [8]byte
	if _, err := io.ReadFull(from, head[:2]); err != nil {
		return 0, buf, err
	}
	op, size := head[0]&0xf, uint64(head[1]&0x7f)
	if head[0]&0x80 == 0 || head[0]&0x70 != 0 {
		return 0, buf, fmt.Errorf("a frame begins with %#x: fragments and extensions were not agreed upon", head[0])
	}
	switch size {
	case 126:
		_, err = io.ReadFull(from, head[:2])
		size = uint64(binary.BigEndian.Uint16(head[:]))
	case 127:
		_, err = io.ReadFull(from, head[:8])
		size = binary.BigEndian.Uint64(head[:])
	}
	if err != nil {
		return 0, buf, err
	}
	if size > 16<<20 {
		return 0, buf, errors.New("a frame of more than 16 MiB")
	}
	if uint64(cap(buf)) < size {
		buf = make([]byte, size)
	}
	payload = buf[:size]
	_, err = io.ReadFull(from, payload)
	return op, payload, err
}
