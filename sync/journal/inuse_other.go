//go:build !windows

package journal

// inUse returns err: only Windows refuses to write to a file that another program holds open.
func inUse(err error) error { return err }
