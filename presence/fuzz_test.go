package presence_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"userstatus/presence"
)

// isUserID has the contract's words: 1 to 128 bytes of UTF-8 without control or
// format characters, not blank. Line and paragraph separators are controls.
func isUserID(id string) bool {
	blank := true
	for _, r := range id {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029' {
			return false
		}
		blank = blank && unicode.IsSpace(r)
	}
	return utf8.ValidString(id) && len(id) <= 128 && !blank
}

// FuzzUserID registers anything: who is a user is found under the very same ID,
// and under no other, and is gone when removed; who is none is a failed row.
func FuzzUserID(f *testing.F) {
	for _, id := range []string{
		"alice", "Alice", "", " ", "\u00a0\u3000", " a ", "a\x00b", "a\nb", "a\u0085", "\u202ealice", "\u2028", "a\xff", "\xed\xa0\x80", "\ufffd", "\U0010ffff",
		"é", "e\u0301", "ﬁ", "ſ", "'; DROP TABLE users; --", "a%_*?\\", strings.Repeat("é", 64), strings.Repeat("x", 129), "\U000e0041tag", "\ufeffbom",
	} {
		f.Add(id)
	}
	fixture := newFixture(f, presence.Options{})
	f.Cleanup(fixture.close)
	admin := presence.WithViewer(fixture.ctx, presence.Viewer{UserID: "the admin", Admin: true})
	f.Fuzz(func(t *testing.T, id string) {
		wrong := presence.CheckUserID(id)
		if (wrong == nil) != isUserID(id) {
			t.Fatalf("%q is said to be %v", id, wrong)
		}
		result, err := fixture.service.RegisterUsers(admin, []string{id})
		if err != nil {
			t.Fatal(err)
		}
		if wrong != nil {
			rows := result.FailureUserList
			if strings.Contains(wrong.Message, "\n") || len(rows) != 1 || rows[0].UserID != id || rows[0].Code != presence.InvalidUserID {
				t.Fatalf("%q is registered: %+v", id, rows)
			}
			return
		}
		if text, err := json.Marshal(id); err != nil || json.Unmarshal(text, &id) != nil || !isUserID(id) {
			t.Fatalf("%q does not survive JSON: %v", id, err)
		}
		others := []string{id, strings.ToUpper(id), strings.ToLower(id), id + " ", " " + id, strings.TrimSpace(id), id + "\x00"}
		status, err := fixture.service.UserStatus(admin, others)
		if err != nil || len(result.FailureUserList) != 0 || len(status.SuccessUserList) != 1 || status.SuccessUserList[0].UserID != id {
			t.Fatalf("%q is found as %+v, %v", id, status, err)
		}
		stored, err := fixture.store.User(fixture.ctx, id)
		if err != nil || stored.ID != id || !stored.Exists {
			t.Fatalf("%q is stored as %+v, %v", id, stored, err)
		}
		if removed, err := fixture.service.RemoveUsers(admin, []string{id}); err != nil || len(removed.FailureUserList) != 0 {
			t.Fatalf("%q is not removed: %+v, %v", id, removed, err)
		}
		if status, err := fixture.service.UserStatus(admin, others); err != nil || len(status.SuccessUserList) != 0 {
			t.Fatalf("%q is still there: %+v, %v", id, status, err)
		}
	})
}
