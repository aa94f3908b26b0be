package graph

import (
	"slices"
	"strings"

	"github.com/99designs/gqlgen/graphql"

	"userstatus/presence"
)

// MarshalUserStatusType writes whether a user is there.
func MarshalUserStatusType(v presence.StatusType) graphql.Marshaler {
	return graphql.MarshalString(string(v))
}

// UnmarshalUserStatusType reads whether a user is there.
func UnmarshalUserStatusType(v any) (presence.StatusType, error) {
	return oneOf("UserStatusType", v, presence.Unknown, presence.Online, presence.Offline, presence.Unlogined)
}

// MarshalAvailability writes how approachable a user is.
func MarshalAvailability(v presence.Availability) graphql.Marshaler {
	return graphql.MarshalString(string(v))
}

// UnmarshalAvailability reads how approachable a user is.
func UnmarshalAvailability(v any) (presence.Availability, error) {
	return oneOf("Availability", v, presence.Available, presence.Away, presence.Busy)
}

// MarshalVisibility writes who may see a user.
func MarshalVisibility(v presence.Visibility) graphql.Marshaler {
	return graphql.MarshalString(string(v))
}

// UnmarshalVisibility reads who may see a user.
func UnmarshalVisibility(v any) (presence.Visibility, error) {
	return oneOf("Visibility", v, presence.Everyone, presence.Friends, presence.Nobody)
}

// MarshalStatusChangeReason writes why a status changed.
func MarshalStatusChangeReason(v presence.ChangeReason) graphql.Marshaler {
	return graphql.MarshalString(string(v))
}

// UnmarshalStatusChangeReason reads why a status changed.
func UnmarshalStatusChangeReason(v any) (presence.ChangeReason, error) {
	return oneOf("StatusChangeReason", v, presence.ChangeReasons...)
}

// oneOf reads a value of an enum, in capitals as the schema has it: variables
// come here with any other spelling.
func oneOf[T ~string](enum string, v any, values ...T) (T, error) {
	if s, ok := v.(string); ok && slices.Contains(values, T(s)) {
		return T(s), nil
	}
	names := make([]string, len(values))
	for i, value := range values {
		names[i] = string(value)
	}
	return "", notA(enum, strings.Join(names, ", "))
}
