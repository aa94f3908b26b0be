package graph

import (
	"encoding/json"
	"io"
	"strconv"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"userstatus/presence"
)

// timeLayout is RFC 3339 to the millisecond; a time that is UTC ends in Z.
const timeLayout = "2006-01-02T15:04:05.000Z07:00"

// MarshalTime writes a moment in UTC, to the millisecond.
func MarshalTime(t time.Time) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) {
		var buf [len(timeLayout) + 2]byte
		quoted := append(t.UTC().AppendFormat(append(buf[:0], '"'), timeLayout), '"')
		_, _ = w.Write(quoted)
	})
}

// UnmarshalTime reads a moment at any offset, and cuts it to the millisecond.
func UnmarshalTime(v any) (time.Time, error) {
	s, ok := v.(string)
	if !ok {
		return time.Time{}, notA("Time", "a string like \"2026-11-24T09:30:00.250Z\"")
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return time.Time{}, notA("Time", "RFC 3339, like \"2026-11-24T09:30:00.250Z\"")
	}
	return t.UTC().Truncate(time.Millisecond), nil
}

// MarshalID writes an ID.
func MarshalID(s string) graphql.Marshaler { return graphql.MarshalString(s) }

// UnmarshalID reads an ID: a string, or an integer in its place.
func UnmarshalID(v any) (string, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	case json.Number:
		if _, err := v.Int64(); err == nil {
			return v.String(), nil
		}
	}
	return "", notA("ID", "a string or an integer")
}

// MarshalString writes a text.
func MarshalString(s string) graphql.Marshaler { return graphql.MarshalString(s) }

// UnmarshalString reads a text, and nothing in its place.
func UnmarshalString(v any) (string, error) {
	if s, ok := v.(string); ok {
		return s, nil
	}
	return "", notA("String", "a string")
}

func notA(scalar, want string) error {
	return presence.Errorf(presence.BadUserInput, "a value of type %s is %s", scalar, want)
}
