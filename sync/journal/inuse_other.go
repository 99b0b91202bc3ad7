//go:build !windows

package journal

// isHeldOpen returns false: only Windows refuses an operation because another program holds the file open.
func isHeldOpen(error) bool { return false }
