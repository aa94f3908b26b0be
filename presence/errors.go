package presence

import (
	"errors"
	"fmt"
)

// Code tells programs what kind of failure a call ended in.
type Code string

const (
	Unauthenticated Code = "UNAUTHENTICATED"
	Forbidden       Code = "FORBIDDEN"
	BadUserInput    Code = "BAD_USER_INPUT"
	FeatureDisabled Code = "FEATURE_DISABLED"
	RateLimited     Code = "RATE_LIMITED"
	Internal        Code = "INTERNAL_SERVER_ERROR"
)

// The numbers of a user's own failure; those below 72000 are Tencent Chat's.
const (
	NoSuchUser           = 70107
	InvalidUserID        = 70402
	SubscriptionListFull = 72900
)

var numbers = map[Code]int{
	Unauthenticated: 6014,
	Forbidden:       70403,
	BadUserInput:    6017,
	FeatureDisabled: 72001,
	RateLimited:     7008,
	Internal:        70500,
}

// Error is a failure that the caller may read: a code and number for
// programs, a sentence for people. Every other error is ours, and is shown as
// Internal without its text.
type Error struct {
	Code    Code
	Number  int
	Message string
	// kind is for errors.Is, or nil.
	kind error
}

func (e *Error) Error() string { return e.Message }

func (e *Error) Unwrap() error { return e.kind }

// Errorf makes an error that is shown to the caller, with the number of its code.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Number: Number(code), Message: fmt.Sprintf(format, args...)}
}

// Number is the figure by which Tencent Chat's clients know a code.
func Number(code Code) int { return numbers[code] }

// AsError finds the error to show in err; false means it is ours, for the log.
func AsError(err error) (*Error, bool) {
	var shown *Error
	ok := errors.As(err, &shown)
	return shown, ok
}
