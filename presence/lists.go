package presence

// list is the users that a call names: each once, in the order named, with
// the reason for those the call can do nothing for.
type list struct {
	ids      []string
	failures map[string]*UserStatusFailure
}

// parseList takes what a call named apart, or refuses it as a whole when it
// names more than limit. The caller's own ID is a failure where self says why.
func parseList(named []string, limit int, self, why string) (*list, error) {
	if len(named) > limit {
		return nil, Errorf(BadUserInput, "the list names %d users, at most %d go", len(named), limit)
	}
	l := &list{failures: map[string]*UserStatusFailure{}}
	seen := make(map[string]bool, len(named))
	for _, id := range named {
		if seen[id] {
			continue
		}
		seen[id] = true
		l.ids = append(l.ids, id)
		if err := CheckUserID(id); err != nil {
			l.fail(id, InvalidUserID, err.Message)
		} else if why != "" && id == self {
			l.fail(id, InvalidUserID, why)
		}
	}
	return l, nil
}

func (l *list) fail(id string, code int, message string) {
	l.failures[id] = &UserStatusFailure{UserID: id, Code: code, Message: message}
}

// failMissing fails those that do not exist.
func (l *list) failMissing(ids ...string) {
	for _, id := range ids {
		l.fail(id, NoSuchUser, "no such user")
	}
}

// failOthers fails as missing whoever has not failed and is not among those found.
func (l *list) failOthers(found []string) {
	there := make(map[string]bool, len(found))
	for _, id := range found {
		there[id] = true
	}
	for _, id := range l.good() {
		if !there[id] {
			l.failMissing(id)
		}
	}
}

// good is those that have not failed.
func (l *list) good() []string {
	ids := make([]string, 0, len(l.ids))
	for _, id := range l.ids {
		if l.failures[id] == nil {
			ids = append(ids, id)
		}
	}
	return ids
}

// failed is those that have, as a non-nil slice.
func (l *list) failed() []*UserStatusFailure {
	failures := make([]*UserStatusFailure, 0, len(l.failures))
	for _, id := range l.ids {
		if f := l.failures[id]; f != nil {
			failures = append(failures, f)
		}
	}
	return failures
}

// names is true if the list names anybody but self.
func (l *list) names(self string) bool {
	for _, id := range l.ids {
		if id != self {
			return true
		}
	}
	return false
}

// goodOrAll is good, or nil where the call named nobody and so means all.
func (l *list) goodOrAll() []string {
	if len(l.ids) == 0 {
		return nil
	}
	return l.good()
}
