package chaos

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gorilla/websocket"

	"userstatus/auth"
)

// fields is what the tests read of a status.
const fields = `{userID statusType customStatus lastOnlineAt platforms availability version}`

type status struct {
	UserID, StatusType, CustomStatus, Availability string
	Platforms                                      []string
	LastOnlineAt                                   *time.Time
	Version                                        int
}

// message is one of graphql-transport-ws.
type message struct {
	ID      string          `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// answer is what an operation was answered with.
type answer struct {
	Data   map[string]json.RawMessage
	Errors []struct {
		Message    string
		Extensions struct {
			Code      string
			ErrorCode int
		}
	}
}

// err is the answer's error as one, or nil.
func (a *answer) err() error {
	if len(a.Errors) == 0 {
		return nil
	}
	e := a.Errors[0]
	return fmt.Errorf("%s (%s, %d)", e.Message, e.Extensions.Code, e.Extensions.ErrorCode)
}

// isInternal is of an answer that tells of trouble at the server.
func isInternal(err error) bool {
	return err != nil && strings.Contains(err.Error(), "(INTERNAL_SERVER_ERROR, ")
}

// into reads the answer's only field.
func (a *answer) into(to any) error {
	for _, data := range a.Data {
		return json.Unmarshal(data, to)
	}
	return errors.New("an answer without data")
}

// tokenLife is longer than clocks are set wrong.
const tokenLife = 48 * time.Hour

func mint(user string, admin bool) string {
	token, err := auth.NewMinter([]byte(secret), auth.Checks{}).Mint(user, admin, tokenLife, time.Now())
	if err != nil {
		panic(err)
	}
	return token
}

// httpClient keeps no connections, so that none is left when a test ends, nor
// goes to a node that is gone.
var httpClient = &http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}

// post runs an operation over plain HTTP; an answer with errors is an error.
func post(ctx context.Context, url, token, query string) (*answer, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/graphql", strings.NewReader(encode(map[string]string{"query": query})))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+token)
	response, err := httpClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	a := &answer{}
	if err := json.NewDecoder(response.Body).Decode(a); err != nil {
		return nil, fmt.Errorf("%s was answered with %s: %w", query, response.Status, err)
	}
	return a, a.err()
}

// wire is an acknowledged WebSocket. It has one reader and one writer at a time.
type wire struct{ *websocket.Conn }

// connect opens one within a limit; platform may be empty.
func connect(ctx context.Context, url, token, platform string, limit time.Duration) (*wire, error) {
	dialer := websocket.Dialer{Subprotocols: []string{"graphql-transport-ws"}, HandshakeTimeout: limit, ReadBufferSize: 2 << 10, WriteBufferSize: 1 << 10}
	conn, _, err := dialer.DialContext(ctx, "ws"+strings.TrimPrefix(url, "http")+"/graphql", nil)
	if err != nil {
		return nil, err
	}
	w := &wire{conn}
	if err := w.signIn(token, platform, limit); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return w, nil
}

func (w *wire) signIn(token, platform string, limit time.Duration) error {
	params := map[string]string{"authorization": "Bearer " + token}
	if platform != "" {
		params["platform"] = platform
	}
	if err := w.WriteJSON(message{Type: "connection_init", Payload: json.RawMessage(encode(params))}); err != nil {
		return err
	}
	_ = w.SetReadDeadline(time.Now().Add(limit))
	var m message
	if err := w.ReadJSON(&m); err != nil {
		return err
	}
	if m.Type != "connection_ack" {
		return fmt.Errorf("signing in was answered with %+v", m)
	}
	return nil
}

// begin starts an operation.
func (w *wire) begin(id, query string) error {
	return w.WriteJSON(message{ID: id, Type: "subscribe", Payload: json.RawMessage(encode(map[string]string{"query": query}))})
}

func encode(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// newsIn are the statuses in a payload of a stream.
func newsIn(payload json.RawMessage) ([]status, error) {
	var news struct {
		Data struct{ UserStatusUpdated []status }
	}
	err := json.Unmarshal(payload, &news)
	return news.Data.UserStatusUpdated, err
}

// news is what clients subscribe to.
const news = `subscription{userStatusUpdated(snapshot:true)` + fields + `}`

func setText(text string) string {
	return fmt.Sprintf(`mutation{setSelfStatus(customStatus:%q)%s}`, text, fields)
}

func subscribeTo(users ...string) string {
	return `mutation{subscribeUserStatus(userIDList:` + encode(users) + `){failureUserList{userID code}}}`
}

func register(users ...string) string {
	return `mutation{registerUsers(userIDList:` + encode(users) + `){failureUserList{userID code}}}`
}

func statusOf(users ...string) string {
	return `{userStatus(userIDList:` + encode(users) + `){successUserList` + fields + `}}`
}
