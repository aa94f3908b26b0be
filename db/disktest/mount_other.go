//go:build !linux

package disktest

// Mount is Linux' alone.
func Mount(string, int) (*Disk, error) { return nil, ErrMissing }

// Unmount is of no disk.
func (d *Disk) Unmount() error { return ErrMissing }

// Protect is of no disk.
func (d *Disk) Protect() error { return ErrMissing }
