package broadcast

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"

	"userstatus/presence"
)

// What a message is about, besides the kinds of notices.
const (
	statusNews presence.NoticeKind = "status"
	finalNews  presence.NoticeKind = "final"
	// narrowNews is a status that isn't for everybody who watches the user.
	narrowNews presence.NoticeKind = "narrow"
)

// maxVersion is the highest that an entry can remember.
const maxVersion = quiet - 1

// Prefix is what the subjects of all who share a store begin with: two
// installations on one NATS never meet. The key can't be told from it.
func Prefix(clusterKey string) string {
	sum := sha256.Sum256([]byte(clusterKey))
	return "userstatus." + hex.EncodeToString(sum[:8])
}

// subjects are under a prefix. IDs and names may have any characters, so they
// are encoded.
type subjects string

func (s subjects) user(id string) string {
	return string(s) + ".user." + base64.RawURLEncoding.EncodeToString([]byte(id))
}

func (s subjects) node(name string) string {
	return string(s) + ".node." + base64.RawURLEncoding.EncodeToString([]byte(name))
}

func (s subjects) all() string { return string(s) + ".all" }

func (s subjects) of(a address) string {
	switch a.kind {
	case presence.SettingsChanged, presence.NodeLives:
		return s.all()
	case presence.LoggedOut:
		return s.node(a.node)
	}
	return s.user(a.userID)
}

// message is a letter on the bus, in JSON. Nodes of several versions may share
// a bus: fields and kinds are only ever added, and what one doesn't know it
// passes over.
type message struct {
	Kind   presence.NoticeKind  `json:"kind"`
	Status *presence.UserStatus `json:"status,omitzero"`
	UserID string               `json:"userID,omitzero"`
	After  int                  `json:"after,omitzero"`
	Others []string             `json:"others,omitzero"`
	// AudienceBefore and Audience are of a notice; of an update, Audience alone.
	AudienceBefore int `json:"audienceBefore,omitzero"`
	Audience       int `json:"audience,omitzero"`
	// CommittedAt is of an update, in microseconds since 1970.
	CommittedAt int64 `json:"committedAt,omitzero"`
}

func (l letter) encode() ([]byte, error) {
	m := message{
		Kind: l.kind, Status: l.status, After: l.after, Others: l.others,
		AudienceBefore: l.audienceBefore, Audience: l.audience,
	}
	if !l.committedAt.IsZero() {
		m.CommittedAt = l.committedAt.UnixMicro()
	}
	if l.status == nil {
		m.UserID = l.userID
	}
	return json.Marshal(m)
}

// decode reads a letter. Its node stays empty: it has arrived.
func decode(data []byte) (letter, error) {
	var m message
	if err := json.Unmarshal(data, &m); err != nil {
		return letter{}, fmt.Errorf("read a message of %d bytes: %w", len(data), err)
	}
	l := letter{
		address: address{kind: m.Kind, userID: m.UserID}, status: m.Status, after: m.After, others: m.Others,
		audienceBefore: m.AudienceBefore, audience: m.Audience,
	}
	if m.CommittedAt != 0 {
		l.committedAt = time.UnixMicro(m.CommittedAt)
	}
	switch m.Kind {
	case statusNews, finalNews, narrowNews:
		if m.Status == nil || m.Status.UserID == "" || m.Status.Version < 1 || m.Status.Version > maxVersion {
			return letter{}, fmt.Errorf("a message of kind %q has no status", m.Kind)
		}
		l.userID = m.Status.UserID
	case presence.FaceChanged, presence.WatchListChanged, presence.LoggedOut, presence.SettingsChanged, presence.NodeLives:
	default:
		return letter{}, fmt.Errorf("a message is of the unknown kind %q", m.Kind)
	}
	return l, nil
}
