package presence

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	// MaxCustomStatus is in bytes of UTF-8, as in Tencent Chat's V2TIMUserStatus.
	MaxCustomStatus = 100
	// MaxUserID is in bytes of UTF-8.
	MaxUserID = 128
	// MaxQueried is how many users one query may name, as in Tencent Chat's getUserStatus.
	MaxQueried = 500
	// MaxListed is how many users a call that changes something may name, as in Tencent Chat's subscribeUserStatus.
	MaxListed = 100
	// MaxPlatform is in bytes.
	MaxPlatform = 32
)

// CheckUserID returns what is wrong with an ID, or nil: it has 1 to MaxUserID
// bytes of UTF-8 without control or format characters, and is not blank.
func CheckUserID(id string) *Error {
	switch {
	case id == "":
		return Errorf(BadUserInput, "a user ID has 1 to %d bytes, this one is empty", MaxUserID)
	case len(id) > MaxUserID:
		return Errorf(BadUserInput, "a user ID has at most %d bytes, this one has %d", MaxUserID, len(id))
	case !utf8.ValidString(id):
		return Errorf(BadUserInput, "a user ID is UTF-8, this one is not")
	case strings.ContainsFunc(id, unprintable):
		return Errorf(BadUserInput, "a user ID has no control or format characters, this one has")
	case strings.TrimSpace(id) == "":
		return Errorf(BadUserInput, "a user ID is not blank, this one is")
	}
	return nil
}

func unprintable(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) }

// CheckCustomStatus returns what is wrong with a text and its expiry, or nil.
func CheckCustomStatus(text string, expiresAt *time.Time, now time.Time) *Error {
	switch {
	case len(text) > MaxCustomStatus:
		return Errorf(BadUserInput, "customStatus has %d bytes, at most %d go", len(text), MaxCustomStatus)
	case !utf8.ValidString(text):
		return Errorf(BadUserInput, "customStatus is not valid UTF-8")
	case strings.ContainsFunc(text, unicode.IsControl):
		return Errorf(BadUserInput, "customStatus has a control character, none go")
	case expiresAt != nil && !expiresAt.After(now):
		return Errorf(BadUserInput, "expiresAt is in the past (%s; the server's time is %s)", stamp(*expiresAt), stamp(now))
	case expiresAt != nil && expiresAt.Year() > 9999:
		return Errorf(BadUserInput, "expiresAt is past the year 9999")
	}
	return nil
}

// CheckPlatform returns what is wrong with the name of a platform, or nil: it
// has 1 to MaxPlatform of A-Za-z0-9._-, or is empty where none is named.
func CheckPlatform(name string) *Error {
	if len(name) > MaxPlatform {
		return Errorf(BadUserInput, "a platform has at most %d characters, this one has %d", MaxPlatform, len(name))
	}
	if strings.ContainsFunc(name, foreignToPlatform) {
		return Errorf(BadUserInput, "a platform has only A-Za-z0-9._-")
	}
	return nil
}

func foreignToPlatform(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '.' && r != '_' && r != '-'
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
