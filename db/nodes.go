package db

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"userstatus/presence"
)

// Enter is presence.Store's.
func (s *Store) Enter(ctx context.Context, node presence.Node) (bearer string, err error) {
	err = s.do(ctx, "enter node "+node.ID, nil, func(tx *transaction) (err error) {
		if err := engineOf(tx.DB).lockTable(tx.DB, "nodes"); err != nil {
			return err
		}
		bearers, err := texts(tx.DB, "SELECT id FROM nodes WHERE name = ? AND gone = FALSE ORDER BY id", node.Name)
		if bearer = ""; len(bearers) > 0 {
			bearer = bearers[0]
		}
		if err != nil || bearer != "" {
			return err
		}
		return run(tx.DB, "INSERT INTO nodes (id, name, beat_at, gone) VALUES (?, ?, ?, FALSE)", node.ID, node.Name, node.BeatAt.UnixMilli())
	})
	return bearer, err
}

// Beat is presence.Store's.
func (s *Store) Beat(ctx context.Context, node string, now time.Time, figures presence.Figures) (known bool, err error) {
	text, err := json.Marshal(figures)
	if err != nil {
		return false, fmt.Errorf("beat for node %s: %w", node, err)
	}
	return s.mark(ctx, "beat for node "+node,
		"UPDATE nodes SET beat_at = ?, figures = ? WHERE id = ? AND gone = FALSE RETURNING id", now.UnixMilli(), string(text), node)
}

// Bury is presence.Store's. One that is gone already may be buried again.
func (s *Store) Bury(ctx context.Context, node string, beatAt time.Time) (bool, error) {
	return s.mark(ctx, "bury node "+node,
		"UPDATE nodes SET gone = TRUE WHERE id = ? AND (beat_at = ? OR gone = TRUE) RETURNING id", node, beatAt.UnixMilli())
}

// mark changes a node's row, and tells whether there is one to change. Where it
// can, it does so beside the writer, which may be waiting for somebody's lock.
func (s *Store) mark(ctx context.Context, deed, statement string, args ...any) (hit bool, err error) {
	var ids []string
	if engineOf(s.read).shared() {
		if ids, err = texts(s.read.WithContext(ctx), statement, args...); err != nil {
			return false, fmt.Errorf("%s: %w", deed, err)
		}
		return len(ids) > 0, nil
	}
	err = s.do(ctx, deed, nil, func(tx *transaction) (err error) {
		ids, err = texts(tx.DB, statement, args...)
		return err
	})
	return len(ids) > 0, err
}

// Nodes is presence.Store's. The names of nodes with nothing but sessions come
// by hops through the index, so that a million sessions cost nothing.
func (s *Store) Nodes(ctx context.Context) (nodes []presence.Node, err error) {
	err = each(s.read.WithContext(ctx), func(rows *sql.Rows) error {
		var n presence.Node
		var beatAt sql.Null[int64]
		var figures string
		if err := rows.Scan(&n.ID, &n.Name, &beatAt, &n.Gone, &figures); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(figures), &n.Figures); err != nil {
			return fmt.Errorf("figures of %s: %w", n.ID, err)
		}
		if beatAt.Valid {
			n.BeatAt = *moment(beatAt)
		}
		if n.Name == "" {
			n.Name = presence.NodeName(n.ID)
		}
		nodes = append(nodes, n)
		return nil
	}, `WITH RECURSIVE hops (node) AS (
			SELECT min(node) FROM sessions
			UNION ALL SELECT (SELECT min(s.node) FROM sessions s WHERE s.node > hops.node) FROM hops WHERE hops.node IS NOT NULL)
		SELECT id, name, beat_at, gone, figures FROM nodes
		UNION ALL SELECT node, '', NULL, TRUE, '{}' FROM hops WHERE node IS NOT NULL AND node NOT IN (SELECT id FROM nodes)
		ORDER BY 1`)
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
		return run(tx.DB, "DELETE FROM nodes WHERE id = ? AND NOT EXISTS (SELECT 1 FROM sessions WHERE node = nodes.id)", node)
	})
}

// Marks is presence.Store's.
func (s *Store) Marks(ctx context.Context, userIDs []string) (map[string]presence.Mark, error) {
	marks := make(map[string]presence.Mark, len(userIDs))
	err := each(s.read.WithContext(ctx), func(rows *sql.Rows) error {
		var id string
		var m presence.Mark
		err := rows.Scan(&id, &m.Exists, &m.Issued, &m.LogoutVersion)
		marks[id] = m
		return err
	}, "SELECT id, removed = FALSE, issued, logout_version FROM users WHERE id "+among, list(userIDs))
	if err != nil {
		return nil, fmt.Errorf("load marks: %w", err)
	}
	return marks, nil
}

// ClusterKey is presence.Store's.
func (s *Store) ClusterKey(ctx context.Context) (key string, err error) {
	err = s.do(ctx, "load the cluster's key", nil, func(tx *transaction) (err error) {
		if err := run(tx.DB, "INSERT INTO cluster (id, key) VALUES (1, ?) ON CONFLICT (id) DO NOTHING", rand.Text()); err != nil {
			return err
		}
		key, err = clusterKey(tx.DB)
		return err
	})
	return key, err
}

func clusterKey(tx *gorm.DB) (string, error) {
	keys, err := texts(tx, "SELECT key FROM cluster")
	if err == nil && len(keys) == 0 {
		err = errors.New("the table cluster is empty")
	}
	if err != nil {
		return "", err
	}
	return keys[0], nil
}
