package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"

	"userstatus/presence"
)

const (
	// timeout is how long a receiver may take to answer.
	timeout = 15 * time.Second
	// maxHead is how large an answer's head may be, in bytes.
	maxHead = 64 << 10
	// maxAnswer is how much of an answer's body is read, in bytes, so that its
	// connection can be used again. A longer one costs the connection.
	maxAnswer = 4 << 10
	// eventType is that of all events so far.
	eventType = "user_status.changed"
	// milliseconds is RFC 3339 as JavaScript writes it.
	milliseconds = "2006-01-02T15:04:05.000Z07:00"
)

// payload is a request's body.
type payload struct {
	Type      string `json:"type"`
	Timestamp string `json:"timestamp"`
	Data      data   `json:"data"`
}

type data struct {
	UserID                string                `json:"userID"`
	Version               int                   `json:"version"`
	Reason                presence.ChangeReason `json:"reason"`
	OldStatusType         presence.StatusType   `json:"oldStatusType"`
	StatusType            presence.StatusType   `json:"statusType"`
	CustomStatus          string                `json:"customStatus"`
	CustomStatusExpiresAt *string               `json:"customStatusExpiresAt"`
	Availability          presence.Availability `json:"availability"`
}

func bodyOf(c presence.StatusChange) []byte {
	p := payload{Type: eventType, Timestamp: c.At.UTC().Format(milliseconds), Data: data{
		UserID: c.UserID, Version: c.Version, Reason: c.Reason, OldStatusType: c.OldStatusType, StatusType: c.StatusType,
		CustomStatus: c.CustomStatus, Availability: c.Availability,
	}}
	if c.CustomStatusExpiresAt != nil {
		text := c.CustomStatusExpiresAt.UTC().Format(milliseconds)
		p.Data.CustomStatusExpiresAt = &text
	}
	body, err := json.Marshal(p)
	if err != nil {
		panic(err) // strings and numbers always encode
	}
	return body
}

// failure is why an attempt failed. It has nothing of the URL but host and port.
type failure struct {
	// id is the event's.
	id     string
	reason string
	// down says that it isn't the event's fault: nobody answered, or somebody who
	// has too much to do.
	down       bool
	gone       bool
	retryAfter time.Duration
}

// result is what an attempt came to; failure is nil where it went through.
type result struct {
	event     presence.Event
	failure   *failure
	abandoned bool
}

// attempt sends an event once.
func (s *Sender) attempt(e presence.Event) result {
	ctx, cancel := context.WithTimeout(s.sending, timeout)
	defer cancel()
	answer, err := s.client.Do(s.request(ctx, e))
	if err != nil {
		return result{event: e, abandoned: s.sending.Err() != nil, failure: &failure{id: e.ID, reason: reasonOf(err), down: true}}
	}
	if answer.StatusCode != http.StatusSwitchingProtocols { // whose body no context ends
		_, _ = io.CopyN(io.Discard, answer.Body, maxAnswer) // what it says is nothing to us
	}
	_ = answer.Body.Close()
	return result{event: e, failure: failureOf(e.ID, answer, time.Now())}
}

func (s *Sender) request(ctx context.Context, e presence.Event) *http.Request {
	body, now := bodyOf(e.Change), strconv.FormatInt(time.Now().Unix(), 10)
	r := (&http.Request{
		Method: http.MethodPost, URL: s.URL, Host: s.URL.Host, ProtoMajor: 1, ProtoMinor: 1,
		Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)),
		GetBody: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil },
		Header: http.Header{
			"Content-Type": {"application/json"},
			"User-Agent":   {"userstatus/" + s.Version},
			// The names are of small letters in the standard's text; HTTP does not mind.
			"Webhook-Id":        {e.ID},
			"Webhook-Timestamp": {now},
			"Webhook-Signature": {signatures(s.Secrets, e.ID, now, body)},
		},
	}).WithContext(ctx)
	return r
}

func failureOf(id string, answer *http.Response, now time.Time) *failure {
	code := answer.StatusCode
	if code >= 200 && code < 300 {
		return nil
	}
	f := &failure{id: id, reason: "it was answered with " + oneLine(answer.Status), gone: code == http.StatusGone}
	switch code {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		f.down, f.retryAfter = true, retryAfter(answer.Header, now)
	case http.StatusBadGateway, http.StatusGatewayTimeout:
		f.down = true
	}
	return f
}

// reasonOf is the client's error without the URL, which may have secrets in it.
func reasonOf(err error) string {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return "there was no answer within " + timeout.String()
	}
	return oneLine(err.Error())
}

// maxReason is in bytes.
const maxReason = 300

func oneLine(text string) string {
	text = strings.ToValidUTF8(strings.Join(strings.Fields(text), " "), "")
	text = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, text)
	return strings.ToValidUTF8(text[:min(len(text), maxReason)], "")
}
