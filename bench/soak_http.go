package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"
)

// stream keeps a stream over HTTP, and opens it anew now and then.
func (s *soakLoad) stream(ctx context.Context, i int) {
	accept := []string{"text/event-stream", `multipart/mixed;subscriptionSpec=1.0`}[i%2]
	for ctx.Err() == nil {
		once, cancel := context.WithTimeout(ctx, time.Duration(5+rand.IntN(20))*time.Second)
		_, err := s.read(once, soakUser(i), accept)
		cancel()
		s.mu.Lock()
		s.counts["stream of "+accept]++
		if err != nil && !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, context.Canceled) {
			s.counts["stream of "+accept+" (failed: "+err.Error()+")"]++
		}
		s.mu.Unlock()
	}
}

func (s *soakLoad) read(ctx context.Context, user, accept string) (n int64, err error) {
	answer, err := s.send(ctx, user, `subscription{userStatusUpdated(snapshot:true){userID statusType}}`, accept)
	if err != nil {
		return 0, err
	}
	defer func() { _ = answer.Body.Close() }()
	return io.Copy(io.Discard, answer.Body)
}

// call is an operation over HTTP that must go well.
func (s *soakLoad) call(user, query string) error {
	token, err := tokenOf(user)
	if err != nil {
		return err
	}
	status, said, err := s.post(token, query, "application/json")
	if err == nil && (status != http.StatusOK || strings.Contains(said, `"errors"`)) {
		err = fmt.Errorf("status %d: %.200s", status, said)
	}
	return err
}

func (s *soakLoad) post(token, query, accept string) (status int, said string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	answer, err := s.sendWith(ctx, token, query, accept)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	return answer.StatusCode, string(text), err
}

func (s *soakLoad) send(ctx context.Context, user, query, accept string) (*http.Response, error) {
	token, err := tokenOf(user)
	if err != nil {
		return nil, err
	}
	return s.sendWith(ctx, token, query, accept)
}

func (s *soakLoad) sendWith(ctx context.Context, token, query, accept string) (*http.Response, error) {
	return s.server.send(ctx, http.DefaultClient, token, query, nil, accept)
}
