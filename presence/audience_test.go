package presence

import "testing"

// A node that knows nothing of audiences has hidden the user from somebody.
func TestNobodyIsKnownToSeeWhoHasNoAudience(t *testing.T) {
	for _, u := range []*User{{Visibility: Friends, Issued: 9}, {Visibility: Everyone, HasBlocked: true, Issued: 9}} {
		if got := u.narrowed(); got != 9 {
			t.Errorf("%+v is told to those who see them since %d", u, got)
		}
	}
	if got := (&User{Visibility: Everyone, Issued: 9, Audience: 7}).narrowed(); got != 0 {
		t.Errorf("who hides from nobody is told to those who see them since %d", got)
	}
}
