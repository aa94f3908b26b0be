package db

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Beat is presence.Store's.
func (s *Store) Beat(ctx context.Context, node string, now time.Time) error {
	return s.do(ctx, "beat for node "+node, nil, func(tx *transaction) error {
		return run(tx.DB, "INSERT INTO nodes (name, beat_at) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET beat_at = excluded.beat_at", node, now.UnixMilli())
	})
}

// Nodes is presence.Store's; a node that never beat has the zero time. The
// names come by hops through the index, so that a million sessions cost nothing.
func (s *Store) Nodes(ctx context.Context) (map[string]time.Time, error) {
	nodes := map[string]time.Time{}
	err := each(s.read.WithContext(ctx), func(rows *sql.Rows) error {
		var name string
		var beatAt sql.Null[int64]
		if err := rows.Scan(&name, &beatAt); err != nil {
			return err
		}
		nodes[name] = time.Time{}
		if beatAt.Valid {
			nodes[name] = *moment(beatAt)
		}
		return nil
	}, `WITH RECURSIVE hops (node) AS (
			SELECT min(node) FROM sessions
			UNION ALL SELECT (SELECT min(s.node) FROM sessions s WHERE s.node > hops.node) FROM hops WHERE hops.node IS NOT NULL)
		SELECT name, beat_at FROM nodes
		UNION ALL SELECT node, NULL FROM hops WHERE node IS NOT NULL AND node NOT IN (SELECT name FROM nodes)`)
	if err != nil {
		return nil, fmt.Errorf("load nodes: %w", err)
	}
	return nodes, nil
}

// SessionsOf is presence.Store's.
func (s *Store) SessionsOf(ctx context.Context, node string, limit int) ([]string, error) {
	ids, err := texts(s.read.WithContext(ctx), "SELECT user_id FROM sessions WHERE node = ? ORDER BY user_id LIMIT ?", node, limit)
	if err != nil {
		return nil, fmt.Errorf("load sessions of node %s: %w", node, err)
	}
	return ids, nil
}

// Forget is presence.Store's; a node with a session stays.
func (s *Store) Forget(ctx context.Context, node string) error {
	return s.do(ctx, "forget node "+node, nil, func(tx *transaction) error {
		return run(tx.DB, "DELETE FROM nodes WHERE name = ? AND NOT EXISTS (SELECT 1 FROM sessions WHERE node = nodes.name)", node)
	})
}
