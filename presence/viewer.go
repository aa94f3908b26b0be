package presence

import (
	"context"
	"time"
)

// Viewer is who is calling: the bearer of an accepted token.
type Viewer struct {
	UserID string
	// Admin opens the fields that are for the app's backend.
	Admin bool
	// ExpiresAt is when the token ends, and with it every connection it opened.
	ExpiresAt time.Time
}

type contextKey int

const (
	viewerKey contextKey = iota
	connectionKey
)

// WithViewer returns a context for calls by v.
func WithViewer(ctx context.Context, v Viewer) context.Context {
	return context.WithValue(ctx, viewerKey, v)
}

// ViewerFrom returns who is calling, and false where nobody signed in.
func ViewerFrom(ctx context.Context) (Viewer, bool) {
	v, ok := ctx.Value(viewerKey).(Viewer)
	return v, ok
}

// WithConnection returns a context for calls that arrive over c.
func WithConnection(ctx context.Context, c *Connection) context.Context {
	return context.WithValue(ctx, connectionKey, c)
}

func connectionFrom(ctx context.Context) *Connection {
	c, _ := ctx.Value(connectionKey).(*Connection)
	return c
}

func caller(ctx context.Context) (Viewer, error) {
	v, ok := ViewerFrom(ctx)
	if !ok {
		return v, Errorf(Unauthenticated, "sign in first: send a token as Authorization: Bearer …")
	}
	return v, nil
}
