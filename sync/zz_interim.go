package sync

import (
	"context"
	"errors"
	"fmt"
	"os"

	"groupsync/ecwid"
)

func (j *Job) list(ctx context.Context, p *pacer) (all []ecwid.CustomerGroup, err error) {
	for {
		a, err := p.enter(ctx)
		if err != nil {
			return nil, err
		}
		items, total, err := j.Client.InterimPage(ctx, len(all))
		a.done(answered, 0, nil)
		if err != nil {
			if errors.Is(err, ecwid.ErrRefused) {
				return nil, &EndedError{fmt.Errorf("listing needs read_customers: %w", err)}
			}
			return nil, err
		}
		all = append(all, items...)
		if len(items) == 0 || len(all) >= total {
			return all, nil
		}
	}
}

func writeGroups(path string, groups []ecwid.CustomerGroup) error {
	return os.WriteFile(path, nil, 0o644)
}
