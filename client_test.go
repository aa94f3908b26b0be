package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"userstatus/auth"
)

// fields is what the tests read of a status.
const fields = `{userID statusType customStatus lastOnlineAt availability version}`

type status struct {
	UserID, StatusType, CustomStatus, Availability string
	LastOnlineAt                                   *time.Time
	Version                                        int
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

func mint(user string) string { return mintAs(user, false) }

func mintAs(user string, admin bool) string {
	token, err := auth.NewMinter([]byte(goodSecret), auth.Checks{}).Mint(user, admin, time.Hour, time.Now())
	if err != nil {
		panic(err)
	}
	return token
}

// httpClient keeps no connections, so that none is left when a test ends.
var httpClient = &http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}

// get answers with the status and the body of a page.
func (p *program) get(path string, headers ...string) (int, http.Header, string) {
	p.t.Helper()
	r := p.request(http.MethodGet, path, "", headers...)
	response, err := httpClient.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return response.StatusCode, response.Header, string(body)
}

// request makes one, with headers given as "Name: value".
func (p *program) request(method, path, body string, headers ...string) *http.Request {
	p.t.Helper()
	r, err := http.NewRequestWithContext(p.t.Context(), method, p.url+path, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		if r.Header.Set(name, value); name == "Host" {
			r.Host = value
		}
	}
	return r
}

func operation(query string) string {
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		panic(err)
	}
	return string(body)
}

// post sends an operation over plain HTTP.
func (p *program) post(token, query string) *answer {
	p.t.Helper()
	response, err := httpClient.Do(p.request(http.MethodPost, "/graphql", operation(query),
		"Content-Type: application/json", "Authorization: Bearer "+token))
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	a := &answer{}
	if err := json.NewDecoder(response.Body).Decode(a); err != nil {
		p.t.Fatal(err)
	}
	return a
}

// do is post, which must go well.
func (p *program) do(token, query string) *answer {
	p.t.Helper()
	a := p.post(token, query)
	if err := a.err(); err != nil {
		p.t.Fatalf("%s: %v", query, err)
	}
	return a
}

// statuses are those of users, as a bystander sees them.
func (p *program) statuses(users ...string) map[string]status {
	p.t.Helper()
	return p.found(p.do(mint("bystander"), `{userStatus(userIDList:`+quoted(users)+`){successUserList`+fields+`}}`).Data["userStatus"])
}

func (p *program) found(data json.RawMessage) map[string]status {
	p.t.Helper()
	var result struct{ SuccessUserList []status }
	if err := json.Unmarshal(data, &result); err != nil {
		p.t.Fatal(err)
	}
	byID := map[string]status{}
	for _, s := range result.SuccessUserList {
		byID[s.UserID] = s
	}
	return byID
}

// watched is whom a user has subscribed to.
func (p *program) watched(user string) (ids []string) {
	p.t.Helper()
	var list []status
	if err := json.Unmarshal(p.do(mint(user), `{subscribedUserStatus`+fields+`}`).Data["subscribedUserStatus"], &list); err != nil {
		p.t.Fatal(err)
	}
	for _, one := range list {
		ids = append(ids, one.UserID)
	}
	return ids
}

func quoted(ids []string) string {
	text, err := json.Marshal(ids)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func setText(text string) string {
	return fmt.Sprintf(`mutation{setSelfStatus(customStatus:%q)%s}`, text, fields)
}

func subscribeTo(users ...string) string {
	return `mutation{subscribeUserStatus(userIDList:` + quoted(users) + `){successUserList` + fields + ` failureUserList{userID code}}}`
}

func register(users ...string) string {
	return `mutation{registerUsers(userIDList:` + quoted(users) + `){failureUserList{userID code}}}`
}

func setTextUntil(text string, until time.Time) string {
	return fmt.Sprintf(`mutation{setSelfStatus(customStatus:%q,expiresAt:%q)%s}`, text, until.Format(time.RFC3339Nano), fields)
}

// versionIn is the version in an answer that is one status, else 0.
func versionIn(a *answer) int {
	var s status
	for _, data := range a.Data {
		_ = json.Unmarshal(data, &s)
	}
	return s.Version
}

// eventually waits until a condition holds that nothing tells of.
func eventually(t *testing.T, holds func() bool) {
	t.Helper()
	late := time.After(patience)
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for !holds() {
		select {
		case <-again.C:
		case <-late:
			t.Fatal("it does not come to pass")
		}
	}
}
