package graph_test

import (
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// forUsers is the fields that are open to everybody who signed in: all others are
// for admins.
var forUsers = []string{
	"userStatus", "subscribedUserStatus", "self", "userStatusUpdated", "setSelfStatus", "subscribeUserStatus", "unsubscribeUserStatus",
	"logout", "setSelfAvailability", "reportIdle", "setSelfVisibility", "blockUsers", "unblockUsers",
}

func ownSchema(t *testing.T) *ast.Schema {
	t.Helper()
	text, err := os.ReadFile("../schema.graphqls")
	if err != nil {
		t.Fatal(err)
	}
	schema, err := gqlparser.LoadSchema(&ast.Source{Input: string(text)})
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// adminFields is a call of each field that is not forUsers.
func adminFields(t *testing.T) (calls map[string]string) {
	t.Helper()
	schema := ownSchema(t)
	calls = map[string]string{}
	for word, root := range map[string]*ast.Definition{"query": schema.Query, "mutation": schema.Mutation, "subscription": schema.Subscription} {
		for _, field := range root.Fields {
			if !slices.Contains(forUsers, field.Name) && !strings.HasPrefix(field.Name, "__") {
				calls[field.Name] = word + "{" + field.Name + argumentsOf(field) + selectionOf(schema, field) + "}"
			}
		}
	}
	return calls
}

func argumentsOf(field *ast.FieldDefinition) string {
	var given []string
	for _, a := range field.Arguments {
		switch {
		case !a.Type.NonNull || a.DefaultValue != nil:
		case a.Type.Elem != nil:
			given = append(given, a.Name+`:["ann"]`)
		default:
			given = append(given, a.Name+`:"ann"`)
		}
	}
	if len(given) == 0 {
		return ""
	}
	return "(" + strings.Join(given, ",") + ")"
}

func selectionOf(schema *ast.Schema, field *ast.FieldDefinition) string {
	if schema.Types[field.Type.Name()].IsLeafType() {
		return ""
	}
	return "{__typename}"
}

func TestAdminFieldsAreForAdminsAlone(t *testing.T) {
	s := start(t)
	calls := adminFields(t)
	s.as("admin", `mutation{registerUsers(userIDList:["ann"]){failureUserList{code}}}`)
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			s.post(call, nil).refused(t, http.StatusOK, "UNAUTHENTICATED", 6014, "admin")
			s.post(call, nil, "Authorization: Bearer alice").refused(t, http.StatusOK, "FORBIDDEN", 70403, "admin")
			if name != "removeUsers" {
				s.as("admin", call)
			}
		})
	}
}

func TestAnAdminLooksAUserUp(t *testing.T) {
	s := start(t)
	s.as("ann", `mutation{setSelfStatus(customStatus:"here"){version}}`)
	s.as("bob", `mutation{subscribeUserStatus(userIDList:["ann"]){failureUserList{code}}}`)
	s.as("admin", `mutation{addFriends(userID:"ann",friendIDList:["bob"]){failureUserList{code}}}`)
	got := s.as("admin", `{userDetails(userID:"ann"){status{customStatus}visibility sessions{node}
		subscriptions{totalCount}subscribers{totalCount edges{node cursor}pageInfo{hasNextPage endCursor}}friends{edges{node}}blockedUsers{totalCount}
		history(first:1){edges{cursor node{reason oldStatusType statusType customStatus availability}}pageInfo{hasNextPage}}}}`)
	for _, want := range []string{
		`"status":{"customStatus":"here"}`, `"visibility":"EVERYONE"`, `"sessions":[]`, `"subscriptions":{"totalCount":0}`,
		`"subscribers":{"totalCount":1,"edges":[{"node":"bob","cursor":"bob"}],"pageInfo":{"hasNextPage":false,"endCursor":"bob"}}`,
		`"friends":{"edges":[{"node":"bob"}]}`, `"blockedUsers":{"totalCount":0}`,
		`"node":{"reason":"CUSTOM_STATUS_SET","oldStatusType":"UNLOGINED","statusType":"UNLOGINED","customStatus":"here","availability":"AVAILABLE"}}],"pageInfo":{"hasNextPage":true}`,
	} {
		if !strings.Contains(got.body, want) {
			t.Errorf("%s lacks %s", got.body, want)
		}
	}
	s.post(`{userDetails(userID:"nobody"){visibility}}`, nil, "Authorization: Bearer admin").refused(t, http.StatusOK, "BAD_USER_INPUT", 70107, "no such user")
	s.post(`{users(first:501){totalCount}}`, nil, "Authorization: Bearer admin").refused(t, http.StatusOK, "BAD_USER_INPUT", 6017, "500")
	if got := s.as("admin", `{users(prefix:"a"){totalCount edges{node}}figures{usersOnline nodes{name answering}samples{at}}}`); !strings.Contains(got.body, `"users":{"totalCount":null,"edges":[{"node":"admin"},{"node":"ann"}]},"figures":{"usersOnline":0,"nodes":[{"name":"here","answering":true}],"samples":[]}`) {
		t.Errorf("got %s", got.body)
	}
}

func TestNobodySeesAHistoryButAnAdmin(t *testing.T) {
	s := start(t)
	s.as("ann", `mutation{setSelfStatus(customStatus:"secret"){version}}`)
	for _, user := range []string{"ann", "bob"} {
		got := s.post(`{userDetails(userID:"ann"){history{edges{node{customStatus}}}}}`, nil, "Authorization: Bearer "+user)
		got.refused(t, http.StatusOK, "FORBIDDEN", 70403, "admin")
		if strings.Contains(got.body, "secret") {
			t.Errorf("%s reads %s", user, got.body)
		}
	}
}
