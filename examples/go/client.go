package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/Khan/genqlient/graphql"
	"github.com/gorilla/websocket"
)

// bearer signs requests with a token.
type bearer string

func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+string(b))
	return http.DefaultTransport.RoundTrip(r)
}

// dialer opens the sockets of subscriptions.
type dialer struct{}

func (dialer) DialContext(ctx context.Context, url string, header http.Header) (graphql.WSConn, error) {
	conn, _, err := websocket.DefaultDialer.DialContext(ctx, url, header)
	if err != nil {
		return nil, err
	}
	return conn, nil
}

// connect gives a client for calls and one for subscriptions, which needs Start.
func connect(server, token string) (graphql.Client, graphql.WebSocketClient) {
	endpoint := server + "/graphql"
	calls := graphql.NewClient(endpoint, &http.Client{Transport: bearer(token)})
	init := graphql.WithConnectionParams(map[string]any{"authorization": "Bearer " + token, "platform": "go"})
	return calls, graphql.NewClientUsingWebSocket(strings.Replace(endpoint, "http", "ws", 1), dialer{}, init)
}

// tokenOf is USERSTATUS_TOKEN, or a demo token of development mode.
func tokenOf(ctx context.Context, server, user string) (string, error) {
	if token, ok := os.LookupEnv("USERSTATUS_TOKEN"); ok {
		return token, nil
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, server+"/dev/token?user="+url.QueryEscape(user), nil)
	if err != nil {
		return "", err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	var minted struct{ Token string }
	if err := json.NewDecoder(response.Body).Decode(&minted); err != nil {
		return "", fmt.Errorf("read the demo token of %s: %w", user, err)
	}
	return minted.Token, nil
}
