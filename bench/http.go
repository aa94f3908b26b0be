package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
)

// send posts an operation; the answer's body is still to be read.
func (s *server) send(ctx context.Context, client *http.Client, token, query string, variables map[string]any, accept string) (*http.Response, error) {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.page("/graphql"), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+token)
	if accept != "" {
		request.Header.Set("Accept", accept)
	}
	return client.Do(request)
}
