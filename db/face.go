package db

import (
	"database/sql"
	"encoding/json"

	"userstatus/presence"
)

// storedFace is a hidden face as it is kept; its user is its row's.
type storedFace struct {
	Type         presence.StatusType   `json:"type"`
	Custom       string                `json:"custom,omitempty"`
	ExpiresAt    *int64                `json:"expiresAt,omitempty"`
	LastOnlineAt *int64                `json:"lastOnlineAt,omitempty"`
	Availability presence.Availability `json:"availability"`
	Version      int                   `json:"version"`
	Earlier      string                `json:"earlier,omitempty"`
	Since        int                   `json:"since"`
	Changed      int                   `json:"changed,omitempty"`
}

func encodeFace(face *presence.Face) (text sql.Null[string]) {
	if face == nil {
		return text
	}
	s := face.Status
	encoded, err := json.Marshal(storedFace{
		Type: s.StatusType, Custom: s.CustomStatus, Availability: s.Availability, Version: s.Version, Since: face.Since,
		Earlier: face.Earlier, Changed: face.Changed,
		ExpiresAt: pointer(instant(s.CustomStatusExpiresAt)), LastOnlineAt: pointer(instant(s.LastOnlineAt)),
	})
	if err != nil {
		panic(err) // strings and numbers always encode
	}
	return sql.Null[string]{V: string(encoded), Valid: true}
}

func decodeFace(userID string, text sql.Null[string]) (*presence.Face, error) {
	if !text.Valid {
		return nil, nil
	}
	var f storedFace
	if err := json.Unmarshal([]byte(text.V), &f); err != nil {
		return nil, err
	}
	return &presence.Face{Since: f.Since, Changed: f.Changed, Earlier: f.Earlier, Status: presence.UserStatus{
		UserID: userID, StatusType: f.Type, CustomStatus: f.Custom, Availability: f.Availability, Version: f.Version,
		CustomStatusExpiresAt: moment(column(f.ExpiresAt)), LastOnlineAt: moment(column(f.LastOnlineAt)),
	}}, nil
}

// pointer and column are the two ways of JSON and SQL to have a value or none.
func pointer[T any](column sql.Null[T]) *T {
	if !column.Valid {
		return nil
	}
	return &column.V
}

func column[T any](pointer *T) (c sql.Null[T]) {
	if pointer != nil {
		c.V, c.Valid = *pointer, true
	}
	return c
}
