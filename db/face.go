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
	Since        int                   `json:"since"`
}

func encodeFace(face *presence.Face) any {
	if face == nil {
		return nil
	}
	s := face.Status
	text, err := json.Marshal(storedFace{
		Type: s.StatusType, Custom: s.CustomStatus, Availability: s.Availability, Version: s.Version, Since: face.Since,
		ExpiresAt: millis(s.CustomStatusExpiresAt), LastOnlineAt: millis(s.LastOnlineAt),
	})
	if err != nil {
		panic(err) // strings and numbers always encode
	}
	return string(text)
}

func decodeFace(userID string, text sql.NullString) (*presence.Face, error) {
	if !text.Valid {
		return nil, nil
	}
	var f storedFace
	if err := json.Unmarshal([]byte(text.String), &f); err != nil {
		return nil, err
	}
	return &presence.Face{Since: f.Since, Status: presence.UserStatus{
		UserID: userID, StatusType: f.Type, CustomStatus: f.Custom, Availability: f.Availability, Version: f.Version,
		CustomStatusExpiresAt: moment(f.ExpiresAt), LastOnlineAt: moment(f.LastOnlineAt),
	}}, nil
}
