package presence

import (
	"context"
	"time"
)

// WebhookState is what waits for the app's backend.
type WebhookState struct {
	// Enabled is true where each change is sent somewhere.
	Enabled bool
	Pending int
	// PendingSince is when the oldest of those that wait happened.
	PendingSince *time.Time
	SetAside     int
}

// WebhookEventConnection is a page of events that were given up.
type WebhookEventConnection struct {
	Edges    []*WebhookEventEdge
	PageInfo *PageInfo
}

// WebhookEventEdge is an event in a page. Its ID is the cursor, too.
type WebhookEventEdge struct {
	Cursor string
	Node   *Event
}

// Webhooks is what waits, and what was given up.
func (s *Service) Webhooks(ctx context.Context) (*WebhookState, error) {
	if s.Outbox == nil {
		return &WebhookState{}, nil
	}
	backlog, err := s.Outbox.Backlog(ctx)
	if err != nil {
		return nil, err
	}
	return &WebhookState{
		Enabled: s.WebhooksEnabled, Pending: backlog.Pending, PendingSince: backlog.Since, SetAside: backlog.SetAside,
	}, nil
}

// WebhooksAside is a page of the events that were given up, the last first.
func (s *Service) WebhooksAside(ctx context.Context, first int, after *string) (*WebhookEventConnection, error) {
	if err := checkPage(first); err != nil {
		return nil, err
	}
	page := &WebhookEventConnection{Edges: []*WebhookEventEdge{}, PageInfo: &PageInfo{}}
	if s.Outbox == nil {
		return page, nil
	}
	events, err := s.Outbox.Aside(ctx, start(after), first+1)
	if err != nil {
		return nil, err
	}
	for _, e := range events[:min(first, len(events))] {
		page.Edges = append(page.Edges, &WebhookEventEdge{Cursor: e.ID, Node: &e})
	}
	page.PageInfo = pageInfo(len(events) > first, page.Edges, func(e *WebhookEventEdge) string { return e.Cursor })
	return page, nil
}

// ResendWebhooks sends events again that were given up, all where none is named,
// and returns how many.
func (s *Service) ResendWebhooks(ctx context.Context, ids []string) (int, error) {
	if err := s.checkEvents(ids); err != nil || s.Outbox == nil {
		return 0, err
	}
	return s.Outbox.Resend(ctx, orAll(ids), time.Now())
}

// DiscardWebhooks forgets events that were given up, all where none is named, and
// returns how many.
func (s *Service) DiscardWebhooks(ctx context.Context, ids []string) (int, error) {
	if err := s.checkEvents(ids); err != nil || s.Outbox == nil {
		return 0, err
	}
	return s.Outbox.Discard(ctx, orAll(ids))
}

func (s *Service) checkEvents(ids []string) error {
	if len(ids) > MaxPage {
		return Errorf(BadUserInput, "the list names %d events, at most %d go", len(ids), MaxPage)
	}
	return nil
}

func orAll(ids []string) []string {
	if len(ids) == 0 {
		return nil
	}
	return ids
}

// LeadWebhooks is true while this node is the one that delivers. It isn't while it
// may be taken for dead.
func (s *Service) LeadWebhooks(ctx context.Context) (bool, error) {
	if !s.Alone && s.silence() >= deadAfter/2 {
		return false, nil
	}
	return s.Outbox.Lead(ctx, s.node())
}
