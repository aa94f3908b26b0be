package presence

import (
	"context"
	"strconv"
)

// StatusChangeConnection is a page of changes.
type StatusChangeConnection struct {
	Edges    []*StatusChangeEdge
	PageInfo *PageInfo
}

// StatusChangeEdge is a change in a page, and where it is.
type StatusChangeEdge struct {
	Cursor string
	Node   *StatusChange
}

// History is a page of a user's last changes, the newest first.
func (s *Service) History(ctx context.Context, userID string, first int, after *string) (*StatusChangeConnection, error) {
	from, err := versionOf(first, after)
	if err != nil {
		return nil, err
	}
	changes, err := s.Store.History(ctx, userID, from, first+2)
	if err != nil {
		return nil, err
	}
	if from > 0 {
		changes = changes[min(1, len(changes)):]
	}
	page := &StatusChangeConnection{Edges: []*StatusChangeEdge{}}
	for _, c := range changes[:min(first, len(changes))] {
		page.Edges = append(page.Edges, &StatusChangeEdge{Cursor: strconv.Itoa(c.Version), Node: &c})
	}
	page.PageInfo = pageInfo(len(changes) > first, page.Edges, func(e *StatusChangeEdge) string { return e.Cursor })
	return page, nil
}

// versionOf reads the arguments of a page of changes.
func versionOf(first int, after *string) (version int, err error) {
	if err := checkPage(first); err != nil || after == nil {
		return 0, err
	}
	version, err = strconv.Atoi(*after)
	if err != nil || version < 1 {
		return 0, Errorf(BadUserInput, "after is no cursor of a change: take it from an edge, or from pageInfo")
	}
	return version, nil
}
