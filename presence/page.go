package presence

import "context"

// MaxPage is how many entries one page of a list may have.
const MaxPage = 500

// PageInfo says where a page ends.
type PageInfo struct {
	HasNextPage bool
	EndCursor   *string
}

func pageInfo[E any](more bool, edges []E, cursor func(E) string) *PageInfo {
	info := &PageInfo{HasNextPage: more}
	if len(edges) > 0 {
		end := cursor(edges[len(edges)-1])
		info.EndCursor = &end
	}
	return info
}

func checkPage(first int) error {
	if first < 1 || first > MaxPage {
		return Errorf(BadUserInput, "first is %d, from 1 to %d go", first, MaxPage)
	}
	return nil
}

// UserList is which list of users is meant.
type UserList int

const (
	// FriendsOf a user.
	FriendsOf UserList = iota
	// BlockedBy a user.
	BlockedBy
	// SubscriptionsOf a user: whom they watch.
	SubscriptionsOf
	// SubscribersOf a user: who watches them.
	SubscribersOf
)

// UserIDConnection is a page of users, in the order of IDs.
type UserIDConnection struct {
	// TotalCount is how long the list is; nil where counting would take long.
	TotalCount *int
	Edges      []*UserIDEdge
	PageInfo   *PageInfo
}

// UserIDEdge is a user in a page. Their ID is the cursor, too.
type UserIDEdge struct{ Cursor, Node string }

// Users is a page of all users whose IDs begin with prefix.
func (s *Service) Users(ctx context.Context, prefix string, first int, after *string) (*UserIDConnection, error) {
	if err := checkPage(first); err != nil {
		return nil, err
	}
	ids, err := s.Store.Users(ctx, prefix, start(after), first+1)
	if err != nil {
		return nil, err
	}
	return userPage(ids, first), nil
}

// Related is a page of one of a user's lists.
func (s *Service) Related(ctx context.Context, list UserList, userID string, first int, after *string) (*UserIDConnection, error) {
	if err := checkPage(first); err != nil {
		return nil, err
	}
	ids, total, err := s.Store.Related(ctx, list, userID, start(after), first+1)
	if err != nil {
		return nil, err
	}
	page := userPage(ids, first)
	page.TotalCount = &total
	return page, nil
}

func start(after *string) string {
	if after == nil {
		return ""
	}
	return *after
}

// userPage has the first of ids, which has one more where there are more.
func userPage(ids []string, first int) *UserIDConnection {
	page := &UserIDConnection{Edges: []*UserIDEdge{}}
	for _, id := range ids[:min(first, len(ids))] {
		page.Edges = append(page.Edges, &UserIDEdge{Cursor: id, Node: id})
	}
	page.PageInfo = pageInfo(len(ids) > first, page.Edges, func(e *UserIDEdge) string { return e.Cursor })
	return page
}
