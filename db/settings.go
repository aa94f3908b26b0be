package db

import (
	"context"
	"database/sql"
	"fmt"

	"gorm.io/gorm"

	"userstatus/presence"
)

// Settings is presence.Store's.
func (s *Store) Settings(ctx context.Context) (presence.Settings, error) {
	settings, err := loadSettings(s.read.WithContext(ctx))
	if err != nil {
		return settings, fmt.Errorf("load settings: %w", err)
	}
	return settings, nil
}

// UpdateSettings is presence.Store's.
func (s *Store) UpdateSettings(ctx context.Context, change func(*presence.Settings)) (settings presence.Settings, err error) {
	err = s.do(ctx, "update settings", nil, func(tx *transaction) (err error) {
		if err := engineOf(tx.DB).lockTable(tx.DB, "settings"); err != nil {
			return err
		}
		if settings, err = loadSettings(tx.DB); err != nil {
			return err
		}
		change(&settings)
		return run(tx.DB, `INSERT INTO settings (id, user_status_enabled, friend_status_notification_enabled) VALUES (1, ?, ?)
			ON CONFLICT (id) DO UPDATE SET user_status_enabled = excluded.user_status_enabled,
			friend_status_notification_enabled = excluded.friend_status_notification_enabled`,
			settings.UserStatusEnabled, settings.FriendStatusNotificationEnabled)
	})
	return settings, err
}

func loadSettings(tx *gorm.DB) (presence.Settings, error) {
	settings := presence.DefaultSettings
	err := each(tx, func(rows *sql.Rows) error {
		return rows.Scan(&settings.UserStatusEnabled, &settings.FriendStatusNotificationEnabled)
	}, "SELECT user_status_enabled, friend_status_notification_enabled FROM settings")
	return settings, err
}
