package graph_test

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
)

// way is a way to run an operation: for nobody where user is empty. It returns all
// that is answered.
type way struct {
	name string
	// needsUser: nobody gets as far as an operation.
	needsUser bool
	run       func(t *testing.T, s *server, user, query string) string
}

var everyWay = []way{
	{"POST", false, byPost("Accept: application/json")},
	{"SSE", false, byPost(events)},
	{"multipart", false, byPost(parts)},
	{"GET", false, func(t *testing.T, s *server, user, query string) string {
		return s.do(s.request(http.MethodGet, s.url+"?query="+url.QueryEscape(query), "", bearerOf(user)...)).body
	}},
	{"graphql-transport-ws", true, func(t *testing.T, s *server, user, query string) string {
		c := s.socket(t, user)
		defer func() { _ = c.Close() }()
		c.send(ask("1", query))
		return c.next()
	}},
	{"graphql-ws", true, func(t *testing.T, s *server, user, query string) string {
		c := s.oldSocket(t, user)
		defer func() { _ = c.Close() }()
		c.send(begin("1", query))
		return c.next()
	}},
}

func bearerOf(user string) []string {
	if user == "" {
		return nil
	}
	return []string{"Authorization: Bearer " + user}
}

func byPost(accept string) func(*testing.T, *server, string, string) string {
	return func(t *testing.T, s *server, user, query string) string {
		t.Helper()
		headers := append(bearerOf(user), accept, "Content-Type: application/json")
		response, err := http.DefaultClient.Do(s.request(http.MethodPost, s.url, operation(t, query, nil), headers...))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = response.Body.Close() }()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
}

// goes tells whether an operation can be asked for in this way at all.
func (w way) goes(query string) bool {
	switch {
	case strings.HasPrefix(query, "subscription"):
		return w.name != "POST" && w.name != "GET"
	case strings.HasPrefix(query, "mutation"):
		return w.name != "GET"
	}
	return true
}

// ownFields is a call of each of forUsers.
var ownFields = map[string]string{
	"userStatus":            `{userStatus(userIDList:["ann"]){successUserList{userID}failureUserList{userID}}}`,
	"subscribedUserStatus":  `{subscribedUserStatus{userID}}`,
	"self":                  `{self{status{userID}visibility blockedUserIDs}}`,
	"userStatusUpdated":     `subscription{userStatusUpdated(snapshot:true){userID}}`,
	"setSelfStatus":         `mutation{setSelfStatus(customStatus:"x"){userID}}`,
	"subscribeUserStatus":   `mutation{subscribeUserStatus(userIDList:["ann"]){successUserList{userID}}}`,
	"unsubscribeUserStatus": `mutation{unsubscribeUserStatus{failureUserList{userID}}}`,
	"logout":                `mutation{logout(allDevices:true){userID}}`,
	"setSelfAvailability":   `mutation{setSelfAvailability(availability:BUSY){userID}}`,
	"reportIdle":            `mutation{reportIdle(idle:true){userID}}`,
	"setSelfVisibility":     `mutation{setSelfVisibility(visibility:NOBODY){visibility}}`,
	"blockUsers":            `mutation{blockUsers(userIDList:["ann"]){failureUserList{userID}}}`,
	"unblockUsers":          `mutation{unblockUsers{failureUserList{userID}}}`,
}

func TestNobodyReadsOrChangesAnythingWithoutAToken(t *testing.T) {
	s := start(t)
	s.as("ann", setText("hers"))
	for _, field := range forUsers {
		query := ownFields[field]
		if query == "" {
			t.Fatalf("%s is not tried", field)
		}
		for _, w := range everyWay {
			if w.needsUser || !w.goes(query) {
				continue
			}
			t.Run(field+" by "+w.name, func(t *testing.T) {
				got := w.run(t, s, "", query)
				if !strings.Contains(got, `"code":"UNAUTHENTICATED","errorCode":6014`) || strings.Contains(got, "ann") || strings.Contains(got, "hers") {
					t.Errorf("got %s", got)
				}
			})
		}
	}
	for _, protocol := range []string{modern, legacy} {
		for _, payload := range []string{`{}`, `null`, `{"authorization":""}`, `{"authorization":"ann"}`, `{"Authorization":"Bearer ann"}`, `{"token":"ann"}`} {
			c := s.dial(t, protocol)
			c.send(`{"type":"connection_init","payload":` + payload + `}`)
			for _, message := range c.untilClosed(4403, "no token") {
				if !strings.Contains(message, "connection_error") {
					t.Errorf("%s with %s is answered with %s", protocol, payload, message)
				}
			}
		}
	}
}

// Nobody learns without a token whether there is such a user.
func TestWhoIsNotSignedInIsToldAlikeOfEverybody(t *testing.T) {
	s := start(t)
	s.as("ann", setText("hers"))
	for _, call := range []string{`{userStatus(userIDList:[%q]){failureUserList{code}}}`, `mutation{subscribeUserStatus(userIDList:[%q]){failureUserList{code}}}`, `{userDetails(userID:%q){visibility}}`, `mutation{setUserStatus(userID:%q,customStatus:""){version}}`} {
		if there, none := s.post(fmt.Sprintf(call, "ann"), nil), s.post(fmt.Sprintf(call, "nobody"), nil); there.body != none.body || there.status != none.status {
			t.Errorf("%s: %s, and %s of nobody", call, there.body, none.body)
		}
	}
}

// A user gets at no field of the admins, in whichever way it is asked for.
func TestNoWayLeadsAUserToAnAdminsField(t *testing.T) {
	s := start(t)
	s.as("admin", `mutation{registerUsers(userIDList:["ann","eve"]){failureUserList{code}}}`)
	s.as("ann", setText("hers"))
	for name, call := range adminFields(t) {
		for _, w := range everyWay {
			if !w.goes(call) {
				continue
			}
			t.Run(name+" by "+w.name, func(t *testing.T) {
				for _, query := range disguises(call) {
					got := w.run(t, s, "eve", query)
					if !strings.Contains(got, `"code":"FORBIDDEN","errorCode":70403`) || strings.Contains(got, "hers") {
						t.Errorf("%s: %s", query, got)
					}
				}
			})
		}
	}
	if got := s.as("eve", `{userStatus(userIDList:["ann"]){successUserList{userID customStatus}}}`).body; !strings.Contains(got, `{"userID":"ann","customStatus":"hers"}`) {
		t.Errorf("afterwards: %s", got)
	}
}

// disguises are a call, under another name, within fragments, and beside calls that go.
func disguises(call string) []string {
	word, rest, _ := strings.Cut(call, "{")
	field, root := strings.TrimSuffix(rest, "}"), map[string]string{"query": "Query", "mutation": "Mutation"}[word]
	beside := "userStatus(userIDList:[]){__typename}"
	if word == "mutation" {
		beside = `setSelfStatus(customStatus:"mine"){__typename}`
	}
	return []string{
		call,
		word + "{self:" + field + "}",
		word + "{...f}fragment f on " + root + "{a:" + field + "}",
		word + "{...on " + root + "{...on " + root + "{a:" + field + "}}}",
		word + "($t:Boolean=true){...@include(if:$t){a:" + field + "}}",
		word + " A{" + beside + " b:" + field + "}",
	}
}

// What a user may read of another is what UserStatus has: no field leads from it to
// lists, and no other type is for users' eyes.
func TestWhatAUserSeesOfOthersIsTheirStatusAlone(t *testing.T) {
	reached := reachedByUsers(ownSchema(t))
	want := []string{
		"Availability", "ID", "Int", "Self", "String", "SubscribeUserStatusResult", "Time",
		"UserListResult", "UserStatus", "UserStatusFailure", "UserStatusResult", "UserStatusType", "Visibility",
	}
	if !slices.Equal(reached, want) {
		t.Errorf("users reach %q, want %q", reached, want)
	}
}

// reachedByUsers are the types of what forUsers have, and of all fields below.
func reachedByUsers(schema *ast.Schema) []string {
	found := map[string]bool{}
	var visit func(fields ast.FieldList)
	visit = func(fields ast.FieldList) {
		for _, field := range fields {
			if name := field.Type.Name(); !found[name] {
				found[name] = true
				visit(schema.Types[name].Fields)
			}
		}
	}
	for _, root := range []*ast.Definition{schema.Query, schema.Mutation, schema.Subscription} {
		for _, field := range root.Fields {
			if slices.Contains(forUsers, field.Name) {
				visit(ast.FieldList{field})
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}
